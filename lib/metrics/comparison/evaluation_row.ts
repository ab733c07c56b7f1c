/** Results of models on tasks: what is measured, and how a student compares. */

/** One model on one task; the machine-readable result of `deno task evaluate`. */
export interface EvaluationRow {
  /** What tables call it. */
  readonly model: string;
  /** Name of the image set. */
  readonly task: string;
  /** What `value` is, in words. */
  readonly metric: string;
  /** In percent where it is an accuracy, an error or an IoU. */
  readonly value: number;
  /** Lower end of the 95 % interval over test images. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /** Test images. */
  readonly images: number;
  /** Time that features and metric took. */
  readonly seconds: number;
  /** How a student does against the best teacher; absent for others, and where there is no teacher. */
  readonly verdict?: Verdict | undefined;
}

/** How a student does against the best teacher of one task and metric. */
export interface Verdict {
  /** A tie where the 95 % interval of the difference holds 0. */
  readonly outcome: "win" | "tie" | "loss";
  /** The teacher of the best value. */
  readonly against: string;
  /** Student minus teacher, in the unit of the value; negative is better where the value is an error. */
  readonly difference: number;
  /** Lower end of the 95 % interval of the difference. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /** See {@linkcode PairedDifference}. */
  readonly p: number;
}

/** How a student does against the teacher of the best mean over several tasks. */
export interface MeanVerdict extends Verdict {
  /** The student. */
  readonly model: string;
  /** What was measured, in words. */
  readonly metric: string;
  /** Number of tasks that the mean is over. */
  readonly tasks: number;
}

/** A result with the scores that it is the mean of. */
export interface MeasuredRow {
  /** What tables show. */
  readonly row: EvaluationRow;
  /** The model's part in the comparison. */
  readonly role: "student" | "teacher" | "baseline";
  /** `[images]`; their mean times 100 is the row's value. */
  readonly scores: Float64Array;
  /** Digest of the test images, where it is known: only rows of equal ones are compared. */
  readonly testImages?: string | undefined;
}
