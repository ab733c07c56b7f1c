import { UserError } from "../../errors/user_error.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** The order in which a run sees its images, known for every step without taking the others. */
export interface Sampler {
  /** Whole batches in one pass. */
  readonly stepsPerEpoch: number;
  /** The images of a step, counted from 0 over the whole run. */
  at(step: number): { readonly epoch: number; readonly images: Uint32Array };
}

/**
 * Every epoch shows every image once, in an order of its own.
 *
 * @param stream The order of epoch e is the permutation at `("order", e)`.
 * @param options images: how many there are; batchSize; dropLast: leave out the last, smaller batch
 *   of an epoch (other images every time), default true, so that all steps have one shape.
 * @throws {UserError} Where there are fewer images than a batch takes.
 *
 * @example
 * ```ts
 * import { randomStream, sampler } from "@hashigo/hashigo";
 * const { stepsPerEpoch, at } = sampler(randomStream(0), { images: 10, batchSize: 4 });
 * if (stepsPerEpoch !== 2 || at(3).epoch !== 1) throw new Error("Expected two steps an epoch");
 * ```
 */
export function sampler(
  stream: RandomStream,
  options: { readonly images: number; readonly batchSize: number; readonly dropLast?: boolean },
): Sampler {
  const { images, batchSize, dropLast = true } = options;
  const stepsPerEpoch = dropLast ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
  if (stepsPerEpoch === 0) {
    throw new UserError(
      `Cannot make batches of ${batchSize}: there are only ${images} images. ` +
        `Use more images, or a batch size of at most ${images}`,
    );
  }
  // The last order is kept, since neighbouring steps share it; it changes no result.
  let kept = { epoch: -1, order: new Uint32Array() };
  return {
    stepsPerEpoch,
    at(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (kept.epoch !== epoch) {
        kept = { epoch, order: new Uint32Array(stream.at("order", epoch).permutation(images)) };
      }
      const from = (step % stepsPerEpoch) * batchSize;
      return { epoch, images: kept.order.slice(from, from + batchSize) };
    },
  };
}
