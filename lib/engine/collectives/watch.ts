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
 * Calls back every second until it is disposed of. A process that was busy itself, and could not listen
 * meanwhile, holds nothing against the others.
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
  let lastTurn = now();
  const timer = setInterval(() => {
    const moment = now(), missed = moment - lastTurn - period;
    lastTurn = moment;
    beat();
    // What was not heard while this process did not listen is no silence.
    if (missed > period) watched().forEach((one) => one.lastHeard += missed);
    const silent = watched().filter((one) => moment - one.lastHeard > 1000 * seconds);
    if (silent.length > 0) onSilent(silent);
  }, period);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
