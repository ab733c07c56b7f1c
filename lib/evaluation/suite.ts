/** The whole suite: every described task whose images are there, by every metric. */
import {
  type DenseMetric,
  denseMetrics,
  type EvaluationMetric,
} from "../metrics/comparison/evaluation_metric.ts";
import { UserError } from "../errors/user_error.ts";
import { describedDenseTasks, readDenseManifest } from "./tasks/manifest.ts";
import { describedTasks, readTaskManifest } from "./tasks/manifest.ts";

/** What the suite measures unless something else is asked for. */
export const suiteDefaults: {
  readonly metrics: readonly (EvaluationMetric | DenseMetric)[];
  readonly k: readonly number[];
  /** At most so many train and test images of a task, so that no large set takes all the time. */
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
 * Names of the described tasks, those whose images are there and those whose images are not.
 *
 * @example
 * ```ts
 * import { suiteTasks } from "@hashigo/hashigo";
 * const { present } = await suiteTasks();
 * if (!present.includes("mnist_t10k")) throw new Error("Comes with the package");
 * ```
 */
export async function suiteTasks(): Promise<{
  present: string[];
  absent: { readonly name: string; readonly reason: string }[];
}> {
  const present: string[] = [];
  const absent: { name: string; reason: string }[] = [];
  const all = [
    ...describedTasks().map((name) => [name, readTaskManifest] as const),
    ...describedDenseTasks().map((name) => [name, readDenseManifest] as const),
  ];
  for (const [name, read] of all) {
    try {
      await read(name);
      present.push(name);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      absent.push({ name, reason: error.message });
    }
  }
  return { present, absent };
}
