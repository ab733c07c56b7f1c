/** All metrics of frozen features under one roof: what a name measures, and for each image. */
import { randomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { calibrationError } from "./calibration.ts";
import { classMean } from "./class_mean.ts";
import { type CostMatrix, costOfPredictions } from "../costs/cost_matrix.ts";
import {
  costName,
  deferredCostName,
  deferredName,
  type EvaluationMetric,
  expectedCostName,
  metricNames,
  neighboursName,
  shotsName,
} from "../comparison/evaluation_metric.ts";
import { fewShot } from "./few_shot.ts";
import { knn, type LabelledFeatures } from "./knn.ts";
import { linearProbe, type LinearProbeResult } from "./linear_probe.ts";
import { logisticProbabilities } from "./logistic.ts";
import { placesByClass } from "./nearest_mean.ts";
import { cheapestDecisions, defer, expectedCosts } from "../costs/reject_option.ts";
import { retrieval } from "./retrieval.ts";
import { sgdProbe } from "./sgd_probe.ts";

/** One number, and what it is the mean of. */
export interface Measurement {
  /** What tables call it. */
  readonly name: string;
  /** In percent. */
  readonly value: number;
  /** `[images]`, one for each test image: their mean times 100 is the value. */
  readonly scores: Float64Array;
}

/** Options of {@linkcode imageMetrics}. */
export interface ImageMetricsOptions {
  /** Neighbours of the k-NN vote. Default 20. */
  readonly k?: number | readonly number[] | undefined;
  /** Draws held-out images and shots. Default 0. */
  readonly seed?: number;
  /** What errors cost; "logistic" then measures its cheapest decisions too. */
  readonly costs?: CostMatrix;
  /** What handing on an image to a person costs; "logistic" then hands on the unsure ones. Default: never. */
  readonly rejection?: number | undefined;
}

/** Images of each class from which few-shot accuracy is measured, where every class has as many. */
export const shotCounts: readonly number[] = [1, 5, 10];

/**
 * Measures features of train images and test images by any metric. The classifier of "logistic" and
 * "calibration" is fitted once. "knn" gives a measurement for each number of neighbours, "few_shot" for each
 * of 1, 5 and 10 shots that the smallest class allows, "logistic" with costs one of its predictions,
 * two of its cheapest decisions and, where handing on has a price, two of that; the others one.
 *
 * @returns a function from the name of a metric to its measurements, each as soon as it is there.
 *
 * @example
 * ```ts
 * import { imageMetrics, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const features = Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.2, 0.8);
 * const set = { features, labels: Int32Array.of(0, 0, 1, 1), width: 2 };
 * const measure = imageMetrics(set, set);
 * for await (const { name, value } of measure("few_shot")) {
 *   if (name !== "1-shot accuracy" || value !== 100) throw new Error("Two images allow one shot");
 * }
 * ```
 */
export function imageMetrics(
  train: LabelledFeatures,
  test: LabelledFeatures,
  { k = 20, seed = 0, costs, rejection }: ImageMetricsOptions = {},
): (metric: EvaluationMetric) => AsyncGenerator<Measurement> {
  let probe: Promise<LinearProbeResult> | undefined;
  const probed = () => probe ??= linearProbe(train, test, randomStream(seed).at("logistic"));
  const probabilities = async () =>
    await logisticProbabilities((await probed()).model, test.features, test.width);
  const checkedFor = ({ classes }: CostMatrix, found: Float32Array) => {
    const known = found.length / test.labels.length;
    if (known === classes.length) return found;
    throw new UserError(
      `Cannot decide by costs: found train images up to class ${known - 1}, expected the ` +
        `${classes.length} classes of the cost matrix. Take a higher limit, or train images of all.`,
    );
  };
  const right = (predictions: Int32Array) =>
    Float64Array.from(predictions, (label, i) => Number(label === test.labels[i]));

  return async function* (metric) {
    const name = metricNames[metric];
    switch (metric) {
      case "knn": {
        const neighbours = [k].flat();
        for (const k of neighbours) {
          const { top1: value, predictions } = await knn(train, test, { k });
          const one = neighbours.length > 1 ? neighboursName(k) : name;
          yield { name: one, value, scores: right(predictions) };
        }
        return;
      }
      case "logistic": {
        const { top1: value, predictions } = await probed();
        yield { name, value, scores: right(predictions) };
        if (costs === undefined) return;
        const all = checkedFor(costs, await probabilities());
        const decisions = cheapestDecisions(costs, all);
        const found = costOfPredictions(costs, decisions, test.labels);
        yield { name: costName, value: found.weightedAccuracy, scores: found.contributions };
        yield { name: expectedCostName, value: 100 * found.expected, scores: found.perImage };
        if (rejection === undefined) return;
        // Sure is who expects to pay little.
        const sure = expectedCosts(costs, all, decisions).map((cost) => -cost);
        const { perImage, rejected } = defer(sure, found.perImage, rejection);
        yield { name: deferredCostName, value: percentOf(perImage), scores: perImage };
        return yield { name: deferredName, value: percentOf(rejected), scores: rejected };
      }
      case "sgd": {
        const { top1: value, predictions } = await sgdProbe(
          train,
          test,
          randomStream(seed).at("sgd"),
        );
        return yield { name, value, scores: right(predictions) };
      }
      case "class_mean": {
        const { top1: value, predictions } = await classMean(train, test);
        return yield { name, value, scores: right(predictions) };
      }
      case "retrieval": {
        const { map: value, precisions: scores } = await retrieval(train, test);
        return yield { name, value, scores };
      }
      case "calibration": {
        const { model, predictions } = await probed();
        const all = await probabilities();
        const classes = model.bias.length;
        // Rounding may make a probability of 1 a little larger.
        const confidences = Float64Array.from(
          predictions,
          (label, image) => Math.min(1, all[image * classes + label]!),
        );
        const found = calibrationError(confidences, right(predictions));
        return yield { name, value: found.ece, scores: found.contributions };
      }
      case "few_shot": {
        const smallest = Math.min(
          ...placesByClass(train.labels).map(([, places]) => places.length),
        );
        for (const shots of shotCounts.filter((shots) => shots <= smallest)) {
          const draws = randomStream(seed).at("few shot", shots);
          const { top1: value, shares: scores } = await fewShot(train, test, draws, { shots });
          yield { name: shotsName(shots), value, scores };
        }
      }
    }
  };
}

function percentOf(values: Float64Array): number {
  return 100 * values.reduce((sum, value) => sum + value, 0) / values.length;
}
