/** Frozen features of whole images, measured on classification tasks. */
import type { CostMatrix } from "../metrics/costs/cost_matrix.ts";
import {
  type EvaluationMetric,
  evaluationMetrics,
} from "../metrics/comparison/evaluation_metric.ts";
import { imageMetrics } from "../metrics/probes/image_metrics.ts";
import { type Evaluator, measureByMetrics, type Metric } from "./evaluator.ts";
import type { FeatureKind } from "./features/pooled.ts";
import { extractTask } from "./features/task_features.ts";
import type { Model } from "./models/open_model.ts";
import type { ClassificationTask } from "./tasks/task.ts";

/** Options of {@linkcode classificationEvaluator}. */
export interface ClassificationOptions {
  /** Default: "cls". */
  readonly feature?: FeatureKind | undefined;
  /** Those of whole images are measured, in the order of `evaluationMetrics`. Default: "knn". */
  readonly metrics?: readonly Metric[] | undefined;
  /** Neighbours of the k-NN vote, or several numbers of them. Default: 20. */
  readonly k?: number | readonly number[] | undefined;
  /** Costs of errors; decisions of a logistic regression are then measured, too. Default: none. */
  readonly costs?: CostMatrix | undefined;
  /** Cost of deferring an image to a person, in the unit of `costs`. Default: none is deferred. */
  readonly rejection?: number | undefined;
  /** Draws intervals, held-out images and shots. Default: 0. */
  readonly seed?: number | undefined;
}

/** To be raised when a metric comes to measure something else. */
const format = 3;

/**
 * Measures models on labelled images: a row for each metric, of few shots for each number of them.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { featureExtractor } from "@hashigo/hashigo/evaluation";
 * import { classificationEvaluator } from "./classification.ts";
 * import { openClassificationTask } from "./tasks/classification_task.ts";
 * await startEngine();
 * const model = await openModel("pixels");
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 200 });
 * const extractor = featureExtractor(model.backbone);
 * const [measured] = await classificationEvaluator(task).measure({ ...model, extractor });
 * if ((measured?.row.value ?? 0) < 50) throw new Error("Pixels tell most digits apart");
 * extractor.dispose();
 * task.close();
 * ```
 */
export function classificationEvaluator(
  task: ClassificationTask,
  options: ClassificationOptions = {},
): Evaluator {
  const { feature = "cls", k = 20, costs, rejection, seed = 0 } = options;
  const metrics = chooseMetrics(options);
  const images = [task.name, task.train.canvas, task.train.digest, task.test.digest];
  const cacheKey = (
    { name, role, backbone: { digest, input } }: Model,
    metric: EvaluationMetric,
  ) => {
    const parameters = metric === "knn"
      ? k
      : metric === "logistic"
      ? [costs ?? null, rejection ?? null]
      : null;
    return [format, name, role, digest, input, images, feature, metric, parameters, seed];
  };
  return {
    task,
    metrics,
    measure: (model, measureOptions = {}) =>
      measureByMetrics(model, {
        task,
        metrics,
        seed,
        cacheKey: (metric) => cacheKey(model, metric),
        prepare: async () => {
          const { onProgress } = measureOptions;
          const { train, test } = await extractTask(model.extractor, task, { feature, onProgress });
          return imageMetrics(train, test, { k, seed, costs, rejection });
        },
      }, measureOptions),
  };
}

function chooseMetrics(
  { metrics = ["knn"], costs }: ClassificationOptions,
): readonly EvaluationMetric[] {
  const chosen = evaluationMetrics.filter((metric) => metrics.includes(metric));
  return costs === undefined || chosen.includes("logistic") ? chosen : [...chosen, "logistic"];
}
