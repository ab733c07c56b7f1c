/** The whole suite: every described task whose images are there, by every metric. */
import {
  type DenseMetric,
  denseMetrics,
  type EvaluationMetric,
} from "../metrics/comparison/evaluation_metric.ts";
import { UserError } from "../errors/user_error.ts";
import { describedTasks, readManifest } from "./tasks/manifest.ts";

/** Options of the suite, where the caller gives no others. */
export const suiteDefaults: {
  readonly metrics: readonly (EvaluationMetric | DenseMetric)[];
  readonly k: readonly number[];
  /** Most train and most test images of a task, so that no large set takes all the time. */
  readonly limit: number;
} = {
  metrics: [
    ...["knn", "logistic", "few_shot", "retrieval", "class_mean", "calibration"] as const,
    ...denseMetrics,
  ],
  k: [10, 20, 100, 200],
  limit: 5000,
};

/** Models that are compared where none are named: the zoo's best that others made, and the floor. */
export const suiteModels: readonly string[] = [
  "mobilenet_v2_imagenet@96",
  "mobilenet_v2_insects@96",
  "deeplab_v3_voc@97",
  "resnet56_cifar10",
  "random",
  "pixels",
];

/**
 * Names of the described tasks: those whose images are there, and those whose images are not, with the
 * reason.
 *
 * @example
 * ```ts
 * import { suiteTasks } from "./suite.ts";
 * const { present } = await suiteTasks();
 * if (!present.includes("mnist_t10k")) throw new Error("Comes with the package");
 * ```
 */
export async function suiteTasks(): Promise<{
  readonly present: string[];
  readonly absent: { readonly name: string; readonly reason: string }[];
}> {
  const present: string[] = [];
  const absent: { name: string; reason: string }[] = [];
  for (const name of describedTasks()) {
    try {
      await readManifest(name);
      present.push(name);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      absent.push({ name, reason: error.message });
    }
  }
  return { present, absent };
}
