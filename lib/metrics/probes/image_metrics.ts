/** Metrics of frozen features of labelled images, by name. */
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
import { knn } from "./knn.ts";
import { type LabelledFeatures, placesByClass } from "../labelled_features.ts";
import { linearProbe, type LinearProbeResult } from "./linear_probe.ts";
import { logisticProbabilities } from "./logistic.ts";
import { cheapestDecisions, defer, expectedCosts } from "../costs/reject_option.ts";
import { retrieval } from "./retrieval.ts";
import { sgdProbe } from "./sgd_probe.ts";

/** One number, and the scores that it is the mean of. */
export interface Measurement {
  /** What tables call it. */
  readonly name: string;
  /** In percent; costs in the unit of their matrix, for 100 images. */
  readonly value: number;
  /** `[images]`, one for each test image: their mean times 100 is the value. */
  readonly scores: Float64Array;
}

/** Options of {@linkcode imageMetrics}. */
export interface ImageMetricsOptions {
  /** Neighbours of the k-NN vote, or several numbers of them. Default: 20. */
  readonly k?: number | readonly number[] | undefined;
  /** Draws held-out images and shots. Default: 0. */
  readonly seed?: number | undefined;
  /** Costs of errors; "logistic" then measures its cheapest decisions, too. Default: none. */
  readonly costs?: CostMatrix | undefined;
  /** Cost of deferring an image to a person; "logistic" then defers unsure ones. Default: never. */
  readonly rejection?: number | undefined;
}

/** Images of each class from which few-shot accuracy is measured, where every class has as many. */
const shotCounts: readonly number[] = [1, 5, 10];

/**
 * Measures features of train images and test images by any metric. The classifier of "logistic" and
 * "calibration" is fitted once. Measurements of "knn": one for each number of neighbours; of "few_shot":
 * one for each of 1, 5 and 10 shots that the smallest class allows; of "logistic" with costs: one of its
 * predictions, two of its cheapest decisions and, where deferring has a price, two of that; of the
 * others: one.
 *
 * @returns a function from the name of a metric to its measurements, each as soon as it is there.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { imageMetrics } from "./image_metrics.ts";
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
  let probabilities: Promise<Float32Array> | undefined;
  const fitProbe = () => probe ??= linearProbe(train, test, randomStream(seed).at("logistic"));
  const inputs: MetricInputs = {
    ...{ train, test, seed, costs, rejection },
    neighbours: [k].flat(),
    probe: fitProbe,
    probabilities: () =>
      probabilities ??= fitProbe().then(({ model }) =>
        logisticProbabilities(model, test.features, test.width)
      ),
  };
  return (metric) => measures[metric](inputs);
}

/** Features and options, and the fit that several metrics share. */
interface MetricInputs extends Pick<ImageMetricsOptions, "costs" | "rejection"> {
  readonly train: LabelledFeatures;
  readonly test: LabelledFeatures;
  readonly seed: number;
  readonly neighbours: readonly number[];
  /** The logistic regression, fitted by the first call. */
  readonly probe: () => Promise<LinearProbeResult>;
  /** Its probabilities of the test images, `[images, classes]`. */
  readonly probabilities: () => Promise<Float32Array>;
}

type Measure = (inputs: MetricInputs) => AsyncGenerator<Measurement>;

/** How each metric is measured: a new one is an entry here, and a name. */
const measures: Readonly<Record<EvaluationMetric, Measure>> = {
  knn: measureKnn,
  logistic: measureLogistic,
  sgd: measureSgd,
  few_shot: measureFewShot,
  retrieval: measureRetrieval,
  class_mean: measureClassMean,
  calibration: measureCalibration,
};

async function* measureKnn(
  { train, test, neighbours }: MetricInputs,
): AsyncGenerator<Measurement> {
  for (const k of neighbours) {
    const name = neighbours.length > 1 ? neighboursName(k) : metricNames.knn;
    yield accuracy(name, await knn(train, test, { k }), test);
  }
}

async function* measureLogistic(inputs: MetricInputs): AsyncGenerator<Measurement> {
  yield accuracy(metricNames.logistic, await inputs.probe(), inputs.test);
  if (inputs.costs !== undefined) yield* measureDecisions(inputs, inputs.costs);
}

/** The cheapest decisions, and those where unsure images are deferred. */
async function* measureDecisions(
  { test: { labels }, rejection, probabilities }: MetricInputs,
  costs: CostMatrix,
): AsyncGenerator<Measurement> {
  const likelihoods = await probabilities();
  assertClasses(costs, likelihoods.length / labels.length);
  const decisions = cheapestDecisions(costs, likelihoods);
  const outcome = costOfPredictions(costs, decisions, labels);
  yield { name: costName, value: outcome.weightedAccuracy, scores: outcome.contributions };
  yield { name: expectedCostName, value: 100 * outcome.expected, scores: outcome.perImage };
  if (rejection === undefined) return;
  // A decision is as sure as its expected cost is low.
  const confidences = expectedCosts(costs, likelihoods, decisions).map((cost) => -cost);
  const { perImage, rejected } = defer(confidences, outcome.perImage, rejection);
  yield { name: deferredCostName, value: percentOf(perImage), scores: perImage };
  yield { name: deferredName, value: percentOf(rejected), scores: rejected };
}

function assertClasses({ classes }: CostMatrix, known: number): void {
  if (known === classes.length) return;
  throw new UserError(
    `Cannot decide by costs: found train images up to class ${known - 1}, expected the ` +
      `${classes.length} classes of the cost matrix. Take a higher limit, or train images of all.`,
  );
}

async function* measureSgd({ train, test, seed }: MetricInputs): AsyncGenerator<Measurement> {
  const result = await sgdProbe(train, test, randomStream(seed).at("sgd"));
  yield accuracy(metricNames.sgd, result, test);
}

async function* measureFewShot({ train, test, seed }: MetricInputs): AsyncGenerator<Measurement> {
  const smallest = Math.min(...placesByClass(train.labels).map(([, places]) => places.length));
  for (const shots of shotCounts.filter((shots) => shots <= smallest)) {
    const draws = randomStream(seed).at("few shot", shots);
    const { top1, shares } = await fewShot(train, test, draws, { shots });
    yield { name: shotsName(shots), value: top1, scores: shares };
  }
}

async function* measureRetrieval({ train, test }: MetricInputs): AsyncGenerator<Measurement> {
  const { map, precisions } = await retrieval(train, test);
  yield { name: metricNames.retrieval, value: map, scores: precisions };
}

async function* measureClassMean({ train, test }: MetricInputs): AsyncGenerator<Measurement> {
  yield accuracy(metricNames.class_mean, await classMean(train, test), test);
}

async function* measureCalibration(
  { test, probe, probabilities }: MetricInputs,
): AsyncGenerator<Measurement> {
  const { model, predictions } = await probe();
  const likelihoods = await probabilities();
  const classes = model.bias.length;
  // Rounding may make a probability of 1 a little larger.
  const confidences = Float64Array.from(
    predictions,
    (label, image) => Math.min(1, likelihoods[image * classes + label]!),
  );
  const { ece, contributions } = calibrationError(confidences, matches(predictions, test));
  yield { name: metricNames.calibration, value: ece, scores: contributions };
}

function accuracy(
  name: string,
  { top1, predictions }: { readonly top1: number; readonly predictions: Int32Array },
  test: LabelledFeatures,
): Measurement {
  return { name, value: top1, scores: matches(predictions, test) };
}

/** `[images]`, 1 where the prediction is the label, else 0. */
function matches(predictions: Int32Array, { labels }: LabelledFeatures): Float64Array {
  return Float64Array.from(predictions, (label, image) => Number(label === labels[image]));
}

function percentOf(values: Float64Array): number {
  return 100 * values.reduce((sum, value) => sum + value, 0) / values.length;
}
