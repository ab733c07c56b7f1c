/** Joins requests that come at the same time into batches, and refuses those that find no place. */

/** Work that is done in batches. */
export interface Batcher<I, O> {
  /**
   * The result of one input, computed with those that wait beside it; undefined where all places are taken.
   * It rejects where the work of its batch does.
   */
  add(input: I): Promise<O> | undefined;
  /** Inputs that wait or are being computed. */
  readonly taken: number;
  /** Settles once nothing waits. */
  idle(): Promise<void>;
}

/** Options of {@linkcode batcher}. */
export interface BatcherOptions {
  /** Inputs of a batch at most. */
  readonly batchSize: number;
  /** Inputs that wait or are being computed at most. */
  readonly places: number;
  /** Called with the size of every batch. */
  readonly onBatch?: ((size: number) => void) | undefined;
}

/**
 * One batch is computed at a time; what comes meanwhile waits and makes up the next one. So a lone request is
 * never held back, and many together are computed together.
 *
 * @param compute outputs in the order of the inputs
 *
 * @example
 * ```ts
 * import { batcher } from "./batcher.ts";
 * const double = batcher((inputs: readonly number[]) => Promise.resolve(inputs.map((one) => 2 * one)), {
 *   batchSize: 4,
 *   places: 2,
 * });
 * const first = double.add(1), second = double.add(2);
 * if (double.add(3) !== undefined) throw new Error("Both places are taken");
 * if (await first !== 2 || await second !== 4) throw new Error("Each its own");
 * ```
 */
export function batcher<I, O>(
  compute: (inputs: readonly I[]) => Promise<readonly O[]>,
  { batchSize, places, onBatch }: BatcherOptions,
): Batcher<I, O> {
  const waiting: { readonly input: I; readonly pending: PromiseWithResolvers<O> }[] = [];
  let [computing, running] = [0, false];
  let whenIdle: PromiseWithResolvers<void> | undefined;
  const run = async () => {
    running = true;
    // Whatever else comes in this turn joins the first batch.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchSize);
      computing = batch.length;
      onBatch?.(batch.length);
      try {
        const outputs = await compute(batch.map(({ input }) => input));
        batch.forEach(({ pending }, i) => pending.resolve(outputs[i]!));
      } catch (error) {
        batch.forEach(({ pending }) => pending.reject(error));
      }
      computing = 0;
    }
    running = false;
    whenIdle?.resolve();
    whenIdle = undefined;
  };
  return {
    add(input) {
      if (waiting.length + computing >= places) return undefined;
      const pending = Promise.withResolvers<O>();
      waiting.push({ input, pending });
      if (!running) run();
      return pending.promise;
    },
    get taken() {
      return waiting.length + computing;
    },
    idle: () => running ? (whenIdle ??= Promise.withResolvers<void>()).promise : Promise.resolve(),
  };
}
