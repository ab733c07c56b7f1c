/** The images of several tasks without those that are in more than one. */
import { type FeatureMatrix, gatherRows } from "../../metrics/feature_matrix.ts";
import { spreadEvenly } from "../../images/sources/spread_evenly.ts";

/**
 * Features of the images of all tasks, each image once: those of which the first model says exactly the same
 * are one image, which must not be learnt from and held out at once. Of more than `most` as many are kept,
 * spread evenly.
 *
 * @param tasks `[tasks][models]`, each `[images, width]`.
 * @returns `[models]`
 *
 * @example
 * ```ts
 * import { distinctRows } from "./distinct_rows.ts";
 * const task = [{ features: Float32Array.of(1, 2, 3), width: 1 }];
 * const [rows] = distinctRows([task, task], 10);
 * if (rows?.features.join() !== "1,2,3") throw new Error("The same three images");
 * ```
 */
export function distinctRows(
  tasks: readonly (readonly FeatureMatrix[])[],
  most: number,
): FeatureMatrix[] {
  const seen = new Set<string>(), kept: { task: number; image: number }[] = [];
  tasks.forEach(([first], task) => {
    const { features, width } = first!;
    for (let image = 0; image * width < features.length; image++) {
      const key = features.subarray(image * width, (image + 1) * width).join();
      if (seen.has(key)) continue;
      seen.add(key);
      kept.push({ task, image });
    }
  });
  const chosen = spreadEvenly(kept, most);
  return (tasks[0] ?? []).map(({ width }, model) => {
    const parts = tasks.map((models, task) => {
      const images = chosen.filter((one) => one.task === task).map(({ image }) => image);
      return gatherRows(models[model]!.features, images, width);
    });
    const features = new Float32Array(chosen.length * width);
    let at = 0;
    for (const part of parts) {
      features.set(part, at);
      at += part.length;
    }
    return { features, width };
  });
}
