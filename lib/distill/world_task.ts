/** Tasks of the generated world: one for each of its factors, drawn where they are asked for. */
import { packWorld } from "../images/world_pack.ts";
import { type WorldFactor, worldFactorNames } from "../images/world_factors.ts";
import type { EvaluationTask, EvaluationTaskOptions } from "./evaluation_task.ts";

/** The set whose images tasks are made of; teachers and students learn from others. */
const seed = 0;
const counts = { train: 2000, test: 1000 };

/**
 * Names of the tasks that ask for a factor of the generated world: `world_shape` and so on.
 *
 * @example
 * ```ts
 * import { worldTasks } from "@hashigo/hashigo";
 * if (!worldTasks.includes("world_texture")) throw new Error("Five factors, five tasks");
 * ```
 */
export const worldTasks: readonly string[] = worldFactorNames.map((factor) => `world_${factor}`);

/** Opens one of {@linkcode worldTasks}; undefined for every other name. */
export async function openWorldTask(
  name: string,
  { canvas, limit = Infinity, cache }: EvaluationTaskOptions,
): Promise<EvaluationTask | undefined> {
  const factor = worldFactorNames.find((one) => `world_${one}` === name);
  if (factor === undefined) return undefined;
  const open = (first: number, count: number, by: WorldFactor) =>
    packWorld({ seed, first, images: Math.min(limit, count), factor: by }, {
      canvas,
      ...(cache === undefined ? {} : { cache }),
    });
  const train = await open(0, counts.train, factor);
  const test = await open(counts.train, counts.test, factor);
  return { name, train, test, close: () => [train, test].forEach((pack) => pack.close()) };
}
