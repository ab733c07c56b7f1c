/** Forms of results that several files hold. */
import { z } from "zod";
import type { EvaluationRow, MeanVerdict, Verdict } from "../metrics/comparison/evaluation_row.ts";

/** A model's part in a comparison. */
export const roleSchema = z.enum(["student", "teacher", "baseline"]);

const verdictShape = {
  outcome: z.enum(["win", "tie", "loss"]),
  against: z.string(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  p: z.number(),
};

const verdict: z.ZodType<Verdict> = z.object(verdictShape);

/** Checks a verdict on the mean over tasks that was read. */
export const meanVerdictSchema: z.ZodType<MeanVerdict> = z.object({
  model: z.string(),
  metric: z.string(),
  tasks: z.number(),
  ...verdictShape,
});

/** Checks a row that was read. */
export const evaluationRowSchema: z.ZodType<EvaluationRow> = z.object({
  model: z.string(),
  task: z.string(),
  metric: z.string(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  images: z.number(),
  seconds: z.number(),
  verdict: verdict.optional(),
});
