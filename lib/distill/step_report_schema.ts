/** Checks what was read from a log. */
import { z } from "zod";
import type { StepReport } from "./step_report.ts";

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
    z.object({ cls: z.exactOptional(number), patch: z.exactOptional(number), total: number }),
  ),
  shares: z.record(z.string(), number),
  learningRate: number,
  gradientNorm: number,
  standardizerWeight: number,
  imagesPerSecond: number,
  waitingShare: number,
  seconds: number,
  secondsLeft: number,
  incident: z.exactOptional(z.string()),
});
