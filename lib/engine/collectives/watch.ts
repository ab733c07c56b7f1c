/** Watches over processes that should say that they live. */

/** A process that is watched. */
export interface Watched {
  /** For people, such as "rank 2 of 4 (process 4711 on node7)". */
  readonly name: string;
  /** Moment of its last message, in milliseconds. */
  lastHeard: number;
  /** Operations that it has come to. */
  operations: number;
}

/** Between two signs of life, in milliseconds. */
const period = 1000;

/**
 * Tells at every moment, about a second apart, of whom nothing was heard for longer than so many seconds. A
 * process that was busy itself, and could not listen meanwhile, holds nothing against the others.
 *
 * @param watched those of the moment
 * @param options begun: the moment before the first, in milliseconds
 *
 * @example
 * ```ts
 * import { silenceDetector } from "./watch.ts";
 * const other = { name: "rank 1", lastHeard: 0, operations: 0 };
 * const silentAt = silenceDetector(() => [other], { seconds: 1, begun: 0 });
 * if (silentAt(1000).length !== 0 || silentAt(2000)[0] !== other) throw new Error("Expected 1 s");
 * ```
 */
export function silenceDetector(
  watched: () => readonly Watched[],
  { seconds, begun }: { readonly seconds: number; readonly begun: number },
): (moment: number) => readonly Watched[] {
  let last = begun;
  return (moment) => {
    const missed = moment - last - period;
    last = moment;
    // What was not heard while this process did not listen is no silence.
    if (missed > period) watched().forEach((one) => one.lastHeard += missed);
    return watched().filter(({ lastHeard }) => moment - lastHeard > 1000 * seconds);
  };
}

/**
 * Looks every second, until it is disposed of.
 *
 * @param options beat: says that this process lives; onSilent: called with whom nothing was heard of for so
 * many seconds
 */
export function watchOver(
  watched: () => readonly Watched[],
  { seconds, now, beat, onSilent }: {
    readonly seconds: number;
    readonly now: () => number;
    readonly beat: () => void;
    readonly onSilent: (silent: readonly Watched[]) => void;
  },
): Disposable {
  const silentAt = silenceDetector(watched, { seconds, begun: now() });
  const timer = setInterval(() => {
    beat();
    const silent = silentAt(now());
    if (silent.length > 0) onSilent(silent);
  }, period);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
