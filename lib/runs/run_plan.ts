/** The length of a run with a budget of minutes: planned once, from measurements, and kept with the run. */
import { z } from "zod";
import { jsonArtifact } from "../io/json_artifact.ts";
import { runPaths } from "./run_folder.ts";

/** Seconds of a step on images of a size. */
export interface SizeSeconds {
  /** Height and width in pixels. */
  readonly size: number;
  /** Share of the steps, 0 to 1. */
  readonly share: number;
  readonly stepSeconds: number;
  /**
   * Seconds that a step takes longer whose views the student's frozen stages see for the first time at this
   * size, though not at all. Default: none are kept.
   */
  readonly frozenSeconds?: number | undefined;
}

/** What a run with a budget of minutes planned, and the measurements that it planned by. */
export interface RunPlan {
  /** Minutes of training that it was planned for. */
  readonly minutes: number;
  /** Updates in the run. */
  readonly steps: number;
  /** Different views of each image. Default: every pass draws new ones. */
  readonly views?: number | undefined;
  /** Seconds of training that the plan comes to, measuring and all. */
  readonly expectedSeconds: number;
  /** Seconds that the measuring took, which count as training; 0 where another run measured. */
  readonly measuringSeconds: number;
  /** Seconds that the first step takes longer than others, of each size: compiling. Default: another run measured. */
  readonly startSeconds?: number | undefined;
  /**
   * Seconds of a step whose features are there, or are not kept, with its share of what is done now and then. Default:
   * another run measured.
   */
  readonly stepSeconds?: number | undefined;
  /** The same by size, where the student's images rise in size; `stepSeconds` is then the mean. */
  readonly bySize?: readonly SizeSeconds[] | undefined;
  /** Seconds of a step of new views, where features are kept. Default: as any other. */
  readonly newViewSeconds?: number | undefined;
}

const seconds = z.number().min(0);

/** The form of a plan in a file. */
export const runPlanSchema = z.object({
  minutes: z.number().positive(),
  steps: z.int().positive(),
  views: z.optional(z.int().positive()),
  expectedSeconds: seconds,
  measuringSeconds: seconds,
  startSeconds: z.optional(seconds),
  stepSeconds: z.optional(seconds),
  bySize: z.optional(z.array(z.object({
    size: z.int().positive(),
    share: z.number().min(0).max(1),
    stepSeconds: seconds,
    frozenSeconds: z.optional(seconds),
  }))),
  newViewSeconds: z.optional(seconds),
});

const artifact = jsonArtifact<RunPlan>({
  noun: "the plan of a run",
  schema: runPlanSchema,
  maximumBytes: 100_000,
  advice: "Begin again in another folder (--run)",
});

/** Keeps the plan of a run that begins. */
export async function storePlan(folder: string, plan: RunPlan): Promise<void> {
  await artifact.write(runPaths(folder).plan, plan);
}

/**
 * The plan of a run; none of one without a budget, or that has not begun.
 *
 * @throws {UserError} where the file is something else
 *
 * @example
 * ```ts
 * import { readPlan } from "./run_plan.ts";
 * if (await readPlan("runs/absent") !== undefined) throw new Error("There is no run");
 * ```
 */
export async function readPlan(folder: string): Promise<RunPlan | undefined> {
  return await artifact.read(runPaths(folder).plan);
}

/** What of a plan holds for every run of its recipe, on any machine. */
export function portablePlan({ minutes, steps, views, expectedSeconds }: RunPlan): RunPlan {
  return {
    minutes,
    steps,
    ...views !== undefined && { views },
    expectedSeconds,
    measuringSeconds: 0,
  };
}

/**
 * The seconds of a plan's steps in words, with two significant digits.
 *
 * @example
 * ```ts
 * import { stepSecondsInWords } from "./run_plan.ts";
 * const share = 0.5;
 * const bySize = [{ size: 32, share, stepSeconds: 0.1 }, { size: 64, share, stepSeconds: 0.3 }];
 * const words = stepSecondsInWords({ stepSeconds: 0.2, bySize });
 * if (words !== "0.2 s a step (0.1 s at 32 px, 0.3 s at 64 px)") throw new Error(words);
 * ```
 */
export function stepSecondsInWords(
  { stepSeconds, bySize }: { readonly stepSeconds: number } & Pick<RunPlan, "bySize">,
): string {
  const short = (seconds: number) => `${Number(seconds.toPrecision(2))} s`;
  const each = bySize?.map(({ size, stepSeconds }) => `${short(stepSeconds)} at ${size} px`);
  return `${short(stepSeconds)} a step` + (each === undefined ? "" : ` (${each.join(", ")})`);
}
