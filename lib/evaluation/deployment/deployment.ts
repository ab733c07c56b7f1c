/** What models cost where they run, as the file `deployment.json` of a run folder. */
import { z } from "zod";
import { jsonArtifact } from "../../io/json_artifact.ts";
import type { DeploymentRow } from "../../metrics/costs/deployment.ts";
import { runPaths } from "../../runs/run_folder.ts";

const row: z.ZodType<DeploymentRow> = z.object({
  model: z.string(),
  parameters: z.number(),
  gflop: z.number(),
  fileBytes: z.number().optional(),
  p50: z.number(),
  p95: z.number(),
  imagesPerSecond: z.number(),
  batchSize: z.number().optional(),
  peakBytes: z.number().optional(),
  joules: z.number().optional(),
});

const schema = z.object({
  /** One for each model and, with several teachers, one for all of them. */
  rows: z.array(row).readonly(),
  /** Processor and number of cores. */
  machine: z.string(),
  /** Side in pixels of the images that models were given. */
  canvas: z.number(),
  /** Most resident bytes of a process before it opens a model. */
  runtimeBytes: z.number().optional(),
  /** Seconds of training that the student took, where the run's log tells. */
  distilSeconds: z.number().optional(),
}).readonly();

/** Costs of the models of a run; `deployment.json` holds them. */
export type Deployment = z.infer<typeof schema>;

const artifact = jsonArtifact({
  noun: "the costs of models where they run",
  schema,
  advice: "Remove the file, and make it anew with deno task evaluate RUN --deployment.",
});

/**
 * Writes `deployment.json` of a run folder.
 *
 * @example
 * ```ts ignore
 * await writeDeployment("runs/demo", await measureDeployment(models, { canvas: 32 }));
 * ```
 */
export async function writeDeployment(folder: string, deployment: Deployment): Promise<void> {
  await artifact.write(runPaths(folder).deployment, deployment);
}

/**
 * Reads what {@linkcode writeDeployment} wrote; undefined where there is nothing.
 *
 * @throws {UserError} where the file holds something else.
 *
 * @example
 * ```ts
 * import { readDeployment } from "@hashigo/hashigo/evaluation";
 * if (await readDeployment("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readDeployment(folder: string): Promise<Deployment | undefined> {
  return await artifact.read(runPaths(folder).deployment);
}
