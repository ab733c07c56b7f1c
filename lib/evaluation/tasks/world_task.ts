/** Classification tasks on the generated world. */
import { type WorldFactor, worldFactorNames } from "../../world/factors.ts";
import { packWorld } from "../../world/pack.ts";
import type { ClassificationTask, OpenTaskOptions } from "./task.ts";

/** The set whose images tasks are made of; teachers and students learn from others. */
const seed = 0;
const counts = { train: 2000, test: 1000 };

/**
 * Names of the tasks whose classes are a factor of the generated world: `world_shape` and so on.
 *
 * @example
 * ```ts
 * import { worldTasks } from "@hashigo/hashigo/evaluation";
 * if (!worldTasks.includes("world_texture")) throw new Error("Five factors, five tasks");
 * ```
 */
export const worldTasks: readonly string[] = worldFactorNames.map(taskOf);

function taskOf(factor: WorldFactor): string {
  return `world_${factor}`;
}

/** Opens one of {@linkcode worldTasks}; undefined for every other name. */
export async function openWorldTask(
  name: string,
  { canvas, limit = Infinity, cache }: OpenTaskOptions,
): Promise<ClassificationTask | undefined> {
  const factor = worldFactorNames.find((factor) => taskOf(factor) === name);
  if (factor === undefined) return undefined;
  const open = (first: number, count: number) =>
    packWorld({ seed, first, images: Math.min(limit, count), factor }, { canvas, cache });
  const train = await open(0, counts.train);
  const test = await open(counts.train, counts.test);
  const close = () => [train, test].forEach((pack) => pack.close());
  return { kind: "classification", name, train, test, close };
}
