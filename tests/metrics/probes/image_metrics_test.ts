import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { calibrationError } from "../../../lib/metrics/probes/calibration.ts";
import { classMean } from "../../../lib/metrics/probes/class_mean.ts";
import { costOfPredictions } from "../../../lib/metrics/costs/cost_matrix.ts";
import { evaluationMetrics } from "../../../lib/metrics/comparison/evaluation_metric.ts";
import { fewShot } from "../../../lib/metrics/probes/few_shot.ts";
import { imageMetrics, type Measurement } from "../../../lib/metrics/probes/image_metrics.ts";
import { gatherImages, type LabelledFeatures } from "../../../lib/metrics/labelled_features.ts";
import { linearProbe } from "../../../lib/metrics/probes/linear_probe.ts";
import { fitLogistic, logisticProbabilities } from "../../../lib/metrics/probes/logistic.ts";
import { retrieval } from "../../../lib/metrics/probes/retrieval.ts";
import { sgdProbe } from "../../../lib/metrics/probes/sgd_probe.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { labelled, width } from "../labelled_fixture.ts";

await startEngine();
const [train, test] = [labelled(500, 1), labelled(120, 2)];

Deno.test("probabilities are scikit-learn's, to 3e-3 as the solver stops early", async () => {
  const model = await fitLogistic(train, { c: 1 });
  const first = test.features.subarray(0, 20 * width);
  const probabilities = await logisticProbabilities(model, first, width);
  assertEquals(probabilities.length, golden.probabilities.length);
  probabilities.forEach((value, i) => assertAlmostEquals(value, golden.probabilities[i]!, 3e-3));
});

for (const metric of evaluationMetrics) {
  Deno.test(`${metric} is the mean of the scores of the images, and leaves no tensor`, async () => {
    const before = tf.memory().numTensors;
    const measurements: Measurement[] = [];
    for await (const measurement of imageMetrics(train, test)(metric)) {
      measurements.push(measurement);
    }
    assertEquals(tf.memory().numTensors, before);
    assertEquals(measurements.length, metric === "few_shot" ? 3 : 1);
    for (const { value, scores } of measurements) {
      assertEquals(scores.length, 120);
      const mean = scores.reduce((sum, score) => sum + score, 0) / 120;
      assertAlmostEquals(100 * mean, value, 1e-9);
    }
  });
}

for (const metric of evaluationMetrics) {
  Deno.test(`${metric} refuses train images of one class by the metrics' own error`, async () => {
    const one = gatherImages(train, [...train.labels.keys()].filter((i) => train.labels[i] === 3));
    const error = await assertRejects(
      () => Array.fromAsync(imageMetrics(one, one)(metric)),
      UserError,
    );
    assertStringIncludes(error.message, "train images of the class 3 alone, expected at least two");
  });
}

Deno.test("with costs, logistic regression decides by them, and saves more than without", async () => {
  const names = Array.from({ length: 7 }, (_, i) => String(i));
  // To overlook class 0 is dear.
  const costs = Float64Array.from(
    { length: 49 },
    (_, i) => Math.floor(i / 7) === i % 7 ? 0 : i < 7 ? 20 : 1,
  );
  const matrix = { classes: names, costs };
  const measurements: Measurement[] = [];
  const priced = { costs: matrix, rejection: 0.3 };
  for await (const measurement of imageMetrics(train, test, priced)("logistic")) {
    measurements.push(measurement);
  }
  assertEquals(measurements.map(({ name }) => name), [
    "logistic regression accuracy",
    "cost-weighted accuracy",
    "expected cost of 100 images",
    "expected cost of 100 images, unsure ones handed on",
    "images handed on",
  ]);
  const [, , kept, handed, share] = measurements;
  assert(handed!.value < kept!.value, `${handed!.value} and ${kept!.value}`);
  assert(share!.value > 0 && share!.value < 100);
  const { predictions } = await linearProbe(train, test, randomStream(0).at("logistic"));
  const careless = costOfPredictions(matrix, predictions, test.labels).weightedAccuracy;
  assert(measurements[1]!.value > careless, `${measurements[1]!.value} and ${careless}`);
  assertAlmostEquals(
    measurements[1]!.scores.reduce((a, b) => a + b) / 1.2,
    measurements[1]!.value,
    1e-9,
  );

  const eight = { classes: [...names, "7"], costs: new Float64Array(64) };
  const measure = imageMetrics(train, test, { costs: eight })("logistic");
  await measure.next();
  await assertRejects(() => measure.next(), UserError, "up to class 6, expected the 8 classes");
});

Deno.test("no more shots are measured than the smallest class has images", async () => {
  const names: string[] = [];
  const six = gatherImages(train, Array.from({ length: 42 }, (_, i) => i)); // six of each class
  for await (const { name } of imageMetrics(six, test)("few_shot")) names.push(name);
  assertEquals(names, ["1-shot accuracy", "5-shot accuracy"]);
});

const broken: { [name: string]: [train: LabelledFeatures, test: LabelledFeatures, part: string] } =
  {
    "one class": [gatherImages(train, [0, 7, 14]), gatherImages(test, [0]), "the class 0 alone"],
    "an empty class": [
      gatherImages(train, [0, 1]),
      gatherImages(test, [0, 2]),
      "the class 3 has test images",
    ],
    "a negative label": [train, { ...test, labels: test.labels.map(() => -1) }, "label -1"],
    "NaN": [{ ...train, features: train.features.with(33, NaN) }, test, "train image 2 hold NaN"],
    "infinity": [train, { ...test, features: test.features.with(0, Infinity) }, "hold Infinity"],
    "another width": [
      train,
      { features: new Float32Array(8), labels: new Int32Array(1), width: 8 },
      "found width 16 (train) and 8 (test)",
    ],
    "other numbers of labels": [train, { ...test, labels: test.labels.slice(1) }, "119 labels"],
    "no image": [
      train,
      { features: new Float32Array(), labels: new Int32Array(), width },
      "0 labels",
    ],
  };
for (const [name, [first, second, part]] of Object.entries(broken)) {
  Deno.test(`features with ${name} are refused`, async () => {
    const random = randomStream(0);
    for (
      const measure of [
        () => classMean(first, second),
        () => retrieval(first, second),
        () => fewShot(first, second, random, { shots: 1 }),
        () => sgdProbe(first, second, random),
      ]
    ) await assertRejects(measure, UserError, part);
  });
}

Deno.test("more shots than images, and confidences outside 0 to 1, are refused", async () => {
  const few = gatherImages(train, [0, 1, 2, 3, 4, 5, 6, 7]);
  await assertRejects(
    () => fewShot(few, test, randomStream(0), { shots: 2 }),
    UserError,
    "has 1 train images, expected at least 2",
  );
  await assertRejects(() => fewShot(few, test, randomStream(0), { shots: 0 }), UserError, "one of");
  const refused = (confidences: number[], right: number[], part: string) =>
    assertThrows(() => calibrationError(confidences, right), UserError, part);
  refused([], [], "0 confidences");
  refused([0.5], [1, 0], "2 outcomes");
  refused([3], [1], "one is 3");
  refused([NaN], [1], "one is NaN");
  refused([0.5], [2], "one is 2");
});
