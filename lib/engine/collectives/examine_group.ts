/** Measures a group of processes: how fast it sums, and how far its clocks are apart. */
import * as tf from "@tensorflow/tfjs";
import type { ProcessGroup } from "./process_group.ts";

/** Findings about a group, the same at every process. */
export interface GroupExamination {
  /** Milliseconds of a sum over all processes, the median of several. */
  readonly sumMilliseconds: number;
  /** Bytes that each process gave to it. */
  readonly bytes: number;
  /** How far the clock of each rank is ahead of the leader's, in milliseconds; a few are noise. */
  readonly clocks: readonly number[];
}

/** What an examination needs of a group. */
type Examined = Pick<ProcessGroup, "rank" | "size" | "allReduce" | "say">;

/**
 * Sums so many numbers over all processes a few times, and compares their clocks right after such a sum. Every
 * process must call it.
 *
 * @param options numbers: of a sum; repeats: of which the median is taken, after one that is not counted
 */
export async function examineGroup(
  group: Examined,
  { numbers, repeats, clock = Date.now }: {
    readonly numbers: number;
    readonly repeats: number;
    /** Milliseconds since 1970. */
    readonly clock?: () => number;
  },
): Promise<GroupExamination> {
  const values = tf.fill<tf.Rank.R1>([numbers], group.rank + 1);
  const milliseconds: number[] = [];
  try {
    for (let i = 0; i <= repeats; i++) {
      const begun = performance.now();
      const sum = await group.allReduce(values);
      if (i > 0) milliseconds.push(performance.now() - begun);
      sum.dispose();
    }
  } finally {
    values.dispose();
  }
  milliseconds.sort((a, b) => a - b);
  return {
    sumMilliseconds: milliseconds[milliseconds.length >> 1]!,
    bytes: 4 * numbers,
    clocks: await compareClocks(group, clock),
  };
}

async function compareClocks(group: Examined, clock: () => number): Promise<readonly number[]> {
  // Single precision holds milliseconds of a few hours, not those since 1970.
  const base = Number(await group.say(clock()));
  const met = tf.zeros<tf.Rank.R1>([1]);
  (await group.allReduce(met)).dispose();
  met.dispose();
  const moment = clock() - base;
  const own = tf.tensor1d(
    Array.from({ length: group.size }, (_, i) => i === group.rank ? moment : 0),
  );
  const all = await group.allReduce(own);
  const moments = [...await all.data<"float32">()];
  tf.dispose([own, all]);
  return moments.map((one) => one - moments[0]!);
}
