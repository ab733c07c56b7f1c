/** Names of everything that is measured of frozen features. */

/** Names of all metrics, as recipes and `deno task evaluate --metric` take them. */
export const evaluationMetrics = [
  "knn",
  "logistic",
  "sgd",
  "few_shot",
  "retrieval",
  "class_mean",
  "calibration",
] as const;

/**
 * A metric of frozen features of whole images: votes of their neighbours, logistic regression, the same
 * in small steps for large sets, class means of a few images, ranking of the train images, class means of
 * all images, or the calibration of the logistic regression.
 */
export type EvaluationMetric = typeof evaluationMetrics[number];

/** Names of the metrics of dense tasks. */
export const denseMetrics = ["segmentation", "patch_knn", "depth"] as const;

/**
 * A metric of patch tokens: a linear head that segments, votes of their neighbours, or a linear head that
 * estimates depths.
 */
export type DenseMetric = typeof denseMetrics[number];

/** What tables call the dense metrics. */
export const denseMetricNames: Readonly<Record<DenseMetric, string>> = {
  segmentation: "segmentation mIoU",
  patch_knn: "patch k-NN mIoU",
  depth: "depth RMSE",
};

/** What tables call the metrics; rows of few shots say how many, as {@linkcode shotsName} does. */
export const metricNames: Readonly<Record<EvaluationMetric, string>> = {
  knn: "k-NN accuracy",
  logistic: "logistic regression accuracy",
  sgd: "SGD probe accuracy",
  few_shot: "few-shot accuracy",
  retrieval: "retrieval mAP",
  class_mean: "nearest class mean accuracy",
  calibration: "calibration error",
};

/**
 * What tables call the accuracy from a few images of each class.
 *
 * @example
 * ```ts
 * import { shotsName } from "./evaluation_metric.ts";
 * if (shotsName(5) !== "5-shot accuracy") throw new Error("The number comes first");
 * ```
 */
export function shotsName(shots: number): string {
  return `${shots}-shot accuracy`;
}

/**
 * What tables call the accuracy by `k` neighbours, where several numbers of them are tried.
 *
 * @example
 * ```ts
 * import { neighboursName } from "./evaluation_metric.ts";
 * if (neighboursName(10) !== "k-NN accuracy, k = 10") throw new Error("The number comes last");
 * ```
 */
export function neighboursName(k: number): string {
  return `${metricNames.knn}, k = ${k}`;
}

/** What tables call the outcome of decisions by a cost matrix. */
export const costName = "cost-weighted accuracy";

/** What tables call the cost of decisions by a cost matrix. */
export const expectedCostName = "expected cost of 100 images";

/** What tables call that cost where unsure images are deferred to a person. */
export const deferredCostName = `${expectedCostName}, unsure ones handed on`;

/** What tables call the share of images that are deferred. */
export const deferredName = "images handed on";

const chosenReadout = ", same readout for all";

/**
 * What tables call a metric of features that were read out as the rule for all models says, instead of as they
 * are.
 *
 * @example
 * ```ts
 * import { chosenReadoutName, lowerIsBetter, metricNames } from "./evaluation_metric.ts";
 * const name = chosenReadoutName(metricNames.calibration);
 * if (name !== "calibration error, same readout for all") throw new Error(name);
 * if (!lowerIsBetter(name)) throw new Error("Still an error");
 * ```
 */
export function chosenReadoutName(metric: string): string {
  return metric + chosenReadout;
}

/** The name of the metric itself, of features however they were read out. */
function plainName(metric: string): string {
  return metric.endsWith(chosenReadout) ? metric.slice(0, -chosenReadout.length) : metric;
}

/**
 * The unit of a metric's values: percent, but of depths centimetres.
 *
 * @param name what tables call it.
 *
 * @example
 * ```ts
 * import { metricNames, unitOfMetric } from "./evaluation_metric.ts";
 * if (unitOfMetric(metricNames.knn) !== "%") throw new Error("Most are percent");
 * ```
 */
export function unitOfMetric(name: string): string {
  const plain = plainName(name);
  if (plain === expectedCostName || plain === deferredCostName) {
    return "in units of the cost matrix";
  }
  return plain === denseMetricNames.depth ? "cm" : "%";
}

const lowerNames: readonly string[] = [
  metricNames.calibration,
  denseMetricNames.depth,
  expectedCostName,
  deferredCostName,
  deferredName,
];

/**
 * Whether smaller values of a metric are better.
 *
 * @param name what tables call it.
 *
 * @example
 * ```ts
 * import { lowerIsBetter, metricNames } from "./evaluation_metric.ts";
 * if (lowerIsBetter(metricNames.knn)) throw new Error("Of accuracies the highest is best");
 * ```
 */
export function lowerIsBetter(name: string): boolean {
  return lowerNames.includes(plainName(name));
}
