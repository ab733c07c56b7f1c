/** The report of one update of a run, and its schema in the log. */
import { z } from "zod";

/** Losses of one teacher, means over the batch. */
export interface ReportedLosses {
  /** Of the CLS token, where the teacher has one. */
  readonly cls?: number | undefined;
  /** Of the patch tokens, where the teacher has them. */
  readonly patch?: number | undefined;
  /** Mean of the token types. */
  readonly total: number;
}

/** One line of `log.jsonl`, and one turn of `for await (const report of distill(…))`. */
export interface StepReport {
  /** Updates done, from 1. */
  readonly step: number;
  /** Updates in the whole run. */
  readonly steps: number;
  /** Passes over the images, with its fraction. */
  readonly epoch: number;
  /** Images seen since the run began. */
  readonly images: number;
  /** The loss that was minimised: the weighted mean over the kept pairs of teacher and image. */
  readonly loss: number;
  /** By teacher that counts. */
  readonly losses: { readonly [teacher: string]: ReportedLosses };
  /** Share of the loss that each teacher kept after dropping; they sum to 1. */
  readonly shares: { readonly [teacher: string]: number };
  /** Learning rate of this update. */
  readonly learningRate: number;
  /** L2 norm of the whole gradient, before it is limited. */
  readonly gradientNorm: number;
  /** Weight of this batch in the running statistics of the standardiser. */
  readonly standardizerWeight: number;
  /** Images per second, averaged over the last steps. */
  readonly imagesPerSecond: number;
  /** Share of the time, 0 to 1, in which the engine waited for images. */
  readonly waitingShare: number;
  /** Seconds of training since the run began, without pauses between resumed parts. */
  readonly seconds: number;
  /** Expected seconds to the end; NaN before the fifth step of a process, when nobody can tell. */
  readonly secondsLeft: number;
  /** Why this step updated nothing, where the guard refused it. */
  readonly incident?: string | undefined;
  /** Losses on held-out images after this update, of the teachers that still count. Default: not measured. */
  readonly heldOut?: { readonly [teacher: string]: number } | undefined;
  /** Teachers that count no more from the next update on. Default: none. */
  readonly stopping?: readonly string[] | undefined;
  /** Name of the stage, where a recipe has several, in reports alone: a log is of one. */
  readonly stage?: string | undefined;
}

// JSON has no NaN: what is written as null is read as NaN.
const number = z.number().nullable().transform((value) => value ?? NaN);

/** Checks a line of a log. */
export const stepReportSchema: z.ZodType<StepReport> = z.object({
  step: z.int().positive(),
  steps: z.int().positive(),
  epoch: number,
  images: number,
  loss: number,
  losses: z.record(
    z.string(),
    z.object({ cls: z.optional(number), patch: z.optional(number), total: number }),
  ),
  shares: z.record(z.string(), number),
  learningRate: number,
  gradientNorm: number,
  standardizerWeight: number,
  imagesPerSecond: number,
  waitingShare: number,
  seconds: number,
  secondsLeft: number,
  incident: z.optional(z.string()),
  heldOut: z.optional(z.record(z.string(), number)),
  stopping: z.optional(z.array(z.string())),
  stage: z.optional(z.string()),
});
