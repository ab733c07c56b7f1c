/** What an evaluation found, as a file of a run folder. */
import { z } from "zod";
import { writeFileAtomic } from "../io/atomic_file.ts";
import type { CostRow } from "../metrics/costs/cost.ts";
import type { QuarantinedImage } from "../images/packs/pack_file.ts";
import type { EvaluationRow } from "../metrics/comparison/scorecard.ts";
import { UserError } from "../errors/user_error.ts";
import type { Model } from "./models/open_model.ts";
import { runPaths } from "../runs/run_folder.ts";

/** What was measured of several models; `evaluation.json` of a run holds one. */
export interface Evaluation {
  /** One for each model and task. */
  readonly rows: readonly EvaluationRow[];
  /** One for each model. */
  readonly costs: readonly CostRow[];
  /** Models in order, with what they are to the comparison. */
  readonly models: readonly (readonly [name: string, role: Model["role"]])[];
  /** Images that could not be decoded and were left out. Default: none. */
  readonly excluded?: readonly ExcludedImage[];
}

/** An image that is in no part of its task. */
export interface ExcludedImage extends QuarantinedImage {
  /** Name of the task. */
  readonly task: string;
}

const role = z.enum(["student", "teacher", "baseline"]);
const verdict = z.object({
  outcome: z.enum(["win", "tie", "loss"]),
  against: z.string(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  p: z.number(),
});
const evaluationSchema: z.ZodType<Evaluation> = z.object({
  rows: z.array(z.object({
    model: z.string(),
    task: z.string(),
    metric: z.string(),
    value: z.number(),
    low: z.number(),
    high: z.number(),
    images: z.number(),
    seconds: z.number(),
    verdict: z.exactOptional(verdict),
  })),
  costs: z.array(z.object({
    model: z.string(),
    parameters: z.number(),
    gflop: z.exactOptional(z.number()),
    milliseconds: z.exactOptional(z.number()),
  })),
  models: z.array(z.tuple([z.string(), role])),
  excluded: z.exactOptional(
    z.array(z.object({ task: z.string(), name: z.string(), reason: z.string() })),
  ),
});

/**
 * Writes `evaluation.json` of a run folder, or of any other.
 *
 * @example
 * ```ts ignore
 * await writeEvaluation("runs/mine", evaluation);
 * ```
 */
export async function writeEvaluation(folder: string, evaluation: Evaluation): Promise<void> {
  const { evaluation: path } = runPaths(folder);
  await writeFileAtomic(path, JSON.stringify(evaluation, null, 2) + "\n");
}

/**
 * Reads what {@linkcode writeEvaluation} wrote; undefined where the run was not evaluated.
 *
 * @throws {UserError} where the file is something else.
 *
 * @example
 * ```ts
 * import { readEvaluation } from "@hashigo/hashigo";
 * if (await readEvaluation("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readEvaluation(folder: string): Promise<Evaluation | undefined> {
  const { evaluation: path } = runPaths(folder);
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return evaluationSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `Cannot read "${path}": it is not an evaluation. Make it anew with deno task evaluate ` +
        `${folder}.`,
      { cause: error },
    );
  }
}
