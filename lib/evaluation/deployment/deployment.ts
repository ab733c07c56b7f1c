/** What models cost where they run, as a file of a run folder. */
import { z } from "zod";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { DeploymentRow } from "../../metrics/costs/deployment.ts";
import { UserError } from "../../errors/user_error.ts";
import { runPaths } from "../../runs/run_folder.ts";

/** What was measured of the models of a run; `deployment.json` holds one. */
export interface Deployment {
  /** One for each model and, with several teachers, one for all of them. */
  readonly rows: readonly DeploymentRow[];
  /** Processor and cores. */
  readonly machine: string;
  /** Side in pixels of the images that were given. */
  readonly canvas: number;
  /** Most resident bytes of a process that has opened no model yet. */
  readonly runtimeBytes?: number;
  /** Seconds of training that the student took, where the run says so. */
  readonly distilSeconds?: number;
}

const row = z.object({
  model: z.string(),
  parameters: z.number(),
  gflop: z.number(),
  fileBytes: z.exactOptional(z.number()),
  p50: z.number(),
  p95: z.number(),
  imagesPerSecond: z.number(),
  batchSize: z.exactOptional(z.number()),
  peakBytes: z.exactOptional(z.number()),
  joules: z.exactOptional(z.number()),
});
const schema: z.ZodType<Deployment> = z.object({
  rows: z.array(row),
  machine: z.string(),
  canvas: z.number(),
  runtimeBytes: z.exactOptional(z.number()),
  distilSeconds: z.exactOptional(z.number()),
});

/**
 * Writes `deployment.json` of a run folder.
 *
 * @example
 * ```ts ignore
 * await writeDeployment("runs/demo", await measureDeployment(choices, { canvas: 32 }));
 * ```
 */
export async function writeDeployment(folder: string, deployment: Deployment): Promise<void> {
  const text = JSON.stringify(deployment, null, 2) + "\n";
  await writeFileAtomic(runPaths(folder).deployment, text);
}

/**
 * Reads what {@linkcode writeDeployment} wrote; undefined where there is nothing.
 *
 * @throws {UserError} where the file is something else.
 *
 * @example
 * ```ts
 * import { readDeployment } from "@hashigo/hashigo";
 * if (await readDeployment("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readDeployment(folder: string): Promise<Deployment | undefined> {
  const { deployment: path } = runPaths(folder);
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `Cannot read "${path}": it does not say what models cost. Remove it, and make it anew with ` +
        `deno task evaluate ${folder} --deployment.`,
      { cause: error },
    );
  }
}
