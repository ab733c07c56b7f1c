/** Measurements that never were, of which every advice is "distil". */
import type { AdviceFacts, CacheFacts, StepFacts, TeacherFacts } from "../../lib/advice/facts.ts";
import type { PastRun, PastRuns } from "../../lib/advice/past/past_runs.ts";

/** A teacher of 13 MB. */
export const large: TeacherFacts = {
  ...{ name: "large", licence: "Apache-2.0", inputSize: 96 },
  ...{ viewMilliseconds: 4, megabytes: 13, milliseconds: 9, deviation: 0.5 },
};

/** A teacher of 1 MB, of another licence and another scale. */
export const small: TeacherFacts = {
  ...{ name: "small_one", licence: "CC-BY-NC-4.0", inputSize: 32 },
  ...{ viewMilliseconds: 1, megabytes: 1, milliseconds: 2, deviation: 0.2 },
};

/** Steps of half a second with kept features, and of two seconds without. */
export const step: StepFacts = {
  speed: { startSeconds: 7, stepSeconds: 0.5, newViewSeconds: 2, fitSeconds: 1.8 },
  ...{ batchSize: 32, timedBatch: 32, images: 320, fittedBatches: 4 },
};

/** Much room, in memory and on the disk. */
export const cache: CacheFacts = {
  ...{ viewBytes: 10_000, readMilliseconds: 0.1, diskBytesPerSecond: 1e8 },
  ...{ freeBytes: 1e10, memoryBytes: 1e10 },
};

/** Two teachers that say little of each other, 320 different images, and steps of half a second. */
export function factsWith(changes: Partial<AdviceFacts> = {}): AdviceFacts {
  return {
    seconds: 100,
    images: { count: 320, looked: 320, copies: 0, distinct: 320 },
    teachers: [small, large],
    r2: [[1, 0.2], [0.4, 1]],
    fromOthers: [0.4, 0.2],
    choice: { taken: [0, 1], left: [] },
    students: [
      { name: "large", request: { from: "large" }, megabytes: 13, milliseconds: 9 },
      { name: "tiny", request: { size: "tiny" }, megabytes: 2, milliseconds: 1 },
    ],
    ...{ step, cache },
    ...changes,
  };
}

/** A run on real images that starts from a network. */
export const pastRun: PastRun = {
  ...{ source: "job row", images: "real", imageCount: null, teacherKind: "pretrained" },
  ...{ start: "network", teachers: 4, minutes: 6, seen: 4000, besideAll: true, against: "large" },
  ...{ leads: [1, 2], places: [1.1, 1.3] },
};

/** Runs from a network that ended ahead, one from random weights that ended behind. */
export const past: PastRuns = {
  version: 1,
  runs: [
    pastRun,
    { ...pastRun, source: "cold", start: "scratch", minutes: 50, leads: [-12], places: [-0.6] },
  ],
  components: [],
};
