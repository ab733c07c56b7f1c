/** Tasks of any kind, by name. */
import { locateImages, noValidation, openClassificationTask } from "./classification_task.ts";
import { openDenseTask } from "./dense_task.ts";
import { readManifest } from "./manifest.ts";
import { worldTasks } from "./world_task.ts";
import type { EvaluationTask, OpenTaskOptions } from "./task.ts";

/**
 * Opens a task of the kind that its manifest names, else a classification task: see
 * {@linkcode openDenseTask} and {@linkcode openClassificationTask} for what `source` may be.
 *
 * @throws {UserError} where there is no such task, or its images cannot be used.
 *
 * @example
 * ```ts
 * import { openTask } from "@hashigo/hashigo/evaluation";
 * const task = await openTask("world_parts", { canvas: 32, limit: 4 });
 * if (task.kind !== "segmentation" || task.canvas !== 64) throw new Error("It has its own canvas");
 * task.close();
 * ```
 */
export async function openTask(source: string, options: OpenTaskOptions): Promise<EvaluationTask> {
  const manifest = await readManifest(source);
  if (manifest === undefined || manifest.kind === "classification") {
    return await openClassificationTask(source, options);
  }
  if (options.validation) throw noValidation(source);
  return await openDenseTask(source, options);
}

/**
 * The kind of a task whose images can be found; none of them is opened.
 *
 * @throws {UserError} where there is no such task, or its images are not there
 */
export async function locateTask(source: string): Promise<EvaluationTask["kind"]> {
  if (worldTasks.includes(source)) return "classification";
  const manifest = await readManifest(source);
  if (manifest === undefined) await locateImages(source);
  return manifest?.kind ?? "classification";
}
