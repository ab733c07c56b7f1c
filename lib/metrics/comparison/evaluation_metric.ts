/** What can be measured of frozen features of labelled images, by name. */

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
 * How frozen features are measured: by their neighbours, by logistic regression, by the same in small
 * steps for large sets, by means of a few images of each class, by ranking the train images, by means of all of them, or by how far the
 * probabilities of the logistic regression are off.
 */
export type EvaluationMetric = typeof evaluationMetrics[number];

/** Names of what can be measured of every pixel of dense tasks. */
export const denseMetrics = ["segmentation", "patch_knn", "depth"] as const;

/**
 * How patch tokens are measured: by a linear head that segments, by the votes of their neighbours, or by a
 * linear head that tells depths.
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
 * What tables call the accuracy from so many images of each class.
 *
 * @example
 * ```ts
 * import { shotsName } from "@hashigo/hashigo";
 * if (shotsName(5) !== "5-shot accuracy") throw new Error("The number comes first");
 * ```
 */
export function shotsName(shots: number): string {
  return `${shots}-shot accuracy`;
}

/**
 * What tables call the accuracy by so many neighbours, where several numbers of them are tried.
 *
 * @example
 * ```ts
 * import { neighboursName } from "@hashigo/hashigo";
 * if (neighboursName(10) !== "k-NN accuracy, k = 10") throw new Error("The number comes last");
 * ```
 */
export function neighboursName(k: number): string {
  return `${metricNames.knn}, k = ${k}`;
}

/** What tables call the outcome of decisions by a cost matrix. */
export const costName = "cost-weighted accuracy";

/** What tables call what decisions by a cost matrix cost. */
export const expectedCostName = "expected cost of 100 images";

/** The same where unsure images are handed on to a person, which costs something too. */
export const deferredCostName = `${expectedCostName}, unsure ones handed on`;

/** How many are handed on. */
export const deferredName = "images handed on";

/**
 * The unit of a metric's values: percent, but of depths centimetres.
 *
 * @param name what tables call it.
 *
 * @example
 * ```ts
 * import { metricNames, unitOfMetric } from "@hashigo/hashigo";
 * if (unitOfMetric(metricNames.knn) !== "%") throw new Error("Most are percent");
 * ```
 */
export function unitOfMetric(name: string): string {
  if (name === expectedCostName || name === deferredCostName) return "in units of the cost matrix";
  return name === denseMetricNames.depth ? "cm" : "%";
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
 * import { lowerIsBetter, metricNames } from "@hashigo/hashigo";
 * if (lowerIsBetter(metricNames.knn)) throw new Error("Of accuracies the highest is best");
 * ```
 */
export function lowerIsBetter(name: string): boolean {
  return lowerNames.includes(name);
}
