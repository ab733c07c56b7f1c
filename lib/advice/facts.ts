/** What an advice is made from: what was measured of images, teachers, students and the disk, and what is asked for. */
import type { StepSeconds } from "../training/budget/fit_steps.ts";
import type { StudentRequest } from "../training/proposal/facts.ts";

/** What somebody asks for who wonders whether to distil. */
export interface AdviceRequest {
  /** Minutes of training. Default: as many as are advised. */
  readonly minutes?: number | undefined;
  /** What a network may cost in use. Default: anything. */
  readonly target?: Target | undefined;
}

/** What a network may cost in use. */
export interface Target {
  /** Milliseconds of one image alone, on this machine. */
  readonly milliseconds: number;
  /** Megabytes of weights, in 32 bits each. */
  readonly megabytes: number;
}

/** What a network costs in use. */
export interface NetworkCost {
  /** Name of a teacher, or of a size of transformer. */
  readonly name: string;
  /** Milliseconds of one image alone; undefined where nobody asked for a target. */
  readonly milliseconds?: number | undefined;
  /** Of weights, in 32 bits each. */
  readonly megabytes: number;
}

/** A teacher that could be learnt from. */
export interface TeacherFacts extends NetworkCost {
  /** Milliseconds of one view in a batch, at the size of the recipe. */
  readonly viewMilliseconds: number;
  /** Side in pixels at which it sees views. */
  readonly inputSize: number;
  readonly licence: string;
  /** Typical deviation of a number of its features over the images. */
  readonly deviation: number;
}

/** A student that could be trained; one that starts from a teacher has its name. */
export interface StudentFacts extends NetworkCost {
  /** As it is asked for in a recipe. */
  readonly request: StudentRequest;
}

/** How long steps take, and how many images there are to take them on. */
export interface StepFacts {
  readonly speed: StepSeconds;
  readonly batchSize: number;
  /** Images of a pass. */
  readonly images: number;
  /** Batches that the standardiser is fitted to before the first step. */
  readonly fittedBatches: number;
  /** Images of a step that was timed: fewer where steps are slow, and then reckoned for a whole one. */
  readonly timedBatch: number;
}

/** What keeping features costs here. */
export interface CacheFacts {
  /** Bytes of all that is kept of one view of an image. */
  readonly viewBytes: number;
  /** Of reading what is kept of one view, where it is in memory. */
  readonly readMilliseconds: number;
  /** Bytes a second that reach the disk. */
  readonly diskBytesPerSecond: number;
  /** Bytes free on the disk; undefined where that is not known. */
  readonly freeBytes?: number | undefined;
  /** Bytes of memory that may still be used; undefined where that is not known. */
  readonly memoryBytes?: number | undefined;
}

/** Everything that was measured. */
export interface AdviceFacts {
  /** Seconds that the measuring took. */
  readonly seconds: number;
  /** Processes that waited for a core while it was measured, the mean of a minute; undefined where that is not known. */
  readonly load?: number | undefined;
  readonly images: {
    /** Images that a student may see. */
    readonly count: number;
    /** Those that were looked at for near-duplicates. */
    readonly looked: number;
    /** Near-duplicates of others among these. */
    readonly copies: number;
    /** Different ones among all, near-duplicates counting once; reckoned where not all were looked at. */
    readonly distinct: number;
  };
  /** In the order in which they were named. */
  readonly teachers: readonly TeacherFacts[];
  /**
   * `[known][other]`: R² of the other's features from the known one's, on held-out images; 1 of itself. Empty, as
   * `fromOthers` is, where there are too few different images to tell.
   */
  readonly r2: readonly (readonly number[])[];
  /** `[teachers]`: R² of each one's features from those of all others together. */
  readonly fromOthers: readonly number[];
  /** Which teachers to take. */
  readonly choice: TeacherChoice;
  /** Students that could be trained, of which the first that fits is taken. */
  readonly students: readonly StudentFacts[];
  /** Undefined where it was clear before that distilling is not worth it. */
  readonly step?: StepFacts | undefined;
  /** As `step`. */
  readonly cache?: CacheFacts | undefined;
}

/** Which teachers to learn from. */
export interface TeacherChoice {
  /** Places of those that are taken, in the order in which they were named. */
  readonly taken: readonly number[];
  /** Those that the others predict, in the order in which they are left out. */
  readonly left: readonly {
    readonly place: number;
    /** R² of its features from those of the ones that remain. */
    readonly r2: number;
  }[];
}

/** Whether a network costs no more than the target; of unknown time, and without a target, it does. */
export function fits({ milliseconds = 0, megabytes }: NetworkCost, target?: Target): boolean {
  return target === undefined ||
    milliseconds <= target.milliseconds && megabytes <= target.megabytes;
}
