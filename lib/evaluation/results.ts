/** Results of an evaluation, as the file `evaluation.json` of a run folder. */
import { z } from "zod";
import { jsonArtifact } from "../io/json_artifact.ts";
import type { CostRow } from "../metrics/costs/cost.ts";
import { runPaths } from "../runs/run_folder.ts";
import { evaluationRowSchema, meanVerdictSchema, roleSchema } from "./row_schema.ts";

const costRow: z.ZodType<CostRow> = z.object({
  model: z.string(),
  parameters: z.number(),
  gflop: z.number().optional(),
  milliseconds: z.number().optional(),
});

const excludedImage = z.object({
  /** Name of the task. */
  task: z.string(),
  /** Name of the image. */
  name: z.string(),
  /** Why it could not be decoded. */
  reason: z.string(),
}).readonly();

const modelReadout = z.object({
  /** Name of the model. */
  model: z.string(),
  /** The readout in words. */
  readout: z.string(),
  /** Of which unlabelled images its statistics are. Default: it has none. */
  corpus: z.string().optional(),
}).readonly();

const schema = z.object({
  /** One for each model, task and metric. */
  rows: z.array(evaluationRowSchema).readonly(),
  /** One for each model. */
  costs: z.array(costRow).readonly(),
  /** Names and roles of the models, in order. */
  models: z.array(z.tuple([z.string(), roleSchema]).readonly()).readonly(),
  /** Images that could not be decoded and were left out. Default: none. */
  excluded: z.array(excludedImage).readonly().optional(),
  /** By task, which images were read and passed over. Default: not known. */
  listed: z.array(z.tuple([z.string(), z.string()]).readonly()).readonly().optional(),
  /** Students against the teacher of the best mean, for each metric of several tasks. Default: none. */
  means: z.array(meanVerdictSchema).readonly().optional(),
  /** How models were read out beside as they are. Default: as they are only. */
  readouts: z.array(modelReadout).readonly().optional(),
}).readonly();

/** Results of an evaluation of several models; `evaluation.json` of a run holds one. */
export type Evaluation = z.infer<typeof schema>;

/** How a model was read out. */
export type ModelReadout = z.infer<typeof modelReadout>;

/** An image that is in no part of its task. */
export type ExcludedImage = z.infer<typeof excludedImage>;

const artifact = jsonArtifact({
  noun: "an evaluation",
  schema,
  advice: "Make it anew with deno task evaluate RUN.",
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
  await artifact.write(runPaths(folder).evaluation, evaluation);
}

/**
 * Reads what {@linkcode writeEvaluation} wrote; undefined where the run was not evaluated.
 *
 * @throws {UserError} where the file holds something else.
 *
 * @example
 * ```ts
 * import { readEvaluation } from "@hashigo/hashigo/evaluation";
 * if (await readEvaluation("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readEvaluation(folder: string): Promise<Evaluation | undefined> {
  return await artifact.read(runPaths(folder).evaluation);
}
