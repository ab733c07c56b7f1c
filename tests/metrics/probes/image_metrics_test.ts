import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { calibrationError } from "../../../lib/metrics/probes/calibration.ts";
import { classMean } from "../../../lib/metrics/probes/class_mean.ts";
import { costOfPredictions } from "../../../lib/metrics/costs/cost_matrix.ts";
import { evaluationMetrics } from "../../../lib/metrics/comparison/evaluation_metric.ts";
import { fewShot } from "../../../lib/metrics/probes/few_shot.ts";
import { imageMetrics, type Measurement } from "../../../lib/metrics/probes/image_metrics.ts";
import type { LabelledFeatures } from "../../../lib/metrics/probes/labelled_features.ts";
import { linearProbe } from "../../../lib/metrics/probes/linear_probe.ts";
import { fitLogistic, logisticProbabilities } from "../../../lib/metrics/probes/logistic.ts";
import { retrieval } from "../../../lib/metrics/probes/retrieval.ts";
import { sgdProbe } from "../../../lib/metrics/probes/sgd_probe.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/metrics.json" with { type: "json" };
import { labelled, numbers, width } from "../labelled_fixture.ts";

await startEngine();
const [train, test] = [labelled(500, 1), labelled(120, 2)];

/** The images at some places. */
function take({ features, labels, width }: LabelledFeatures, places: number[]): LabelledFeatures {
  const rows = places.flatMap((place) => [...features.slice(place * width, (place + 1) * width)]);
  return {
    features: Float32Array.from(rows),
    labels: Int32Array.from(places, (place) => labels[place]!),
    width,
  };
}

Deno.test("class means classify as in double precision", async () => {
  const { predictions, top1 } = await classMean(train, test);
  assertEquals([...predictions].join(""), golden.classMean);
  const right = predictions.filter((label, i) => label === test.labels[i]).length;
  assertAlmostEquals(top1, 100 * right / 120, 1e-9);
});

Deno.test("class means keep the numbers of classes, and lengths do not matter", async () => {
  const labels = Int32Array.of(40, 3);
  const bank = { features: Float32Array.of(100, 0, 0, 0.1), labels, width: 2 };
  const asked = { features: Float32Array.of(0.01, 0, 0, 50), labels, width: 2 };
  assertEquals([...(await classMean(bank, asked)).predictions], [40, 3]);
});

Deno.test("average precision is scikit-learn's, to 1e-5", async () => {
  const { map, precisions } = await retrieval(train, test);
  assertAlmostEquals(map, golden.retrieval.map, 1e-5 * 100);
  precisions.forEach((one, i) => assertAlmostEquals(one, golden.retrieval.precisions[i]!, 1e-5));
});

Deno.test("equally similar images share the last of their ranks, in whatever order", async () => {
  const bank = (...labels: number[]) => ({
    features: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 1),
    labels: Int32Array.from(labels),
    width: 2,
  });
  const asked = { features: Float32Array.of(2, 0), labels: Int32Array.of(1), width: 2 };
  for (const labels of [[1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 0, 0]]) {
    assertAlmostEquals((await retrieval(bank(...labels), asked)).map, 100 * 2 / 3, 1e-9);
  }
  assertAlmostEquals(
    (await retrieval(bank(1, 0, 0, 1), asked)).map,
    100 * (1 / 3 + 2 / 4) / 2,
    1e-9,
  );
});

Deno.test("few shots with all images are class means, whatever is drawn", async () => {
  const bank = take(train, Array.from({ length: 70 }, (_, i) => i)); // ten of each class
  const whole = await classMean(bank, test);
  const { top1, episodes, low, high } = await fewShot(bank, test, randomStream(1), {
    shots: 10,
    episodes: 3,
  });
  episodes.forEach((one) => assertAlmostEquals(one, whole.top1, 1e-9));
  assertAlmostEquals(top1, whole.top1, 1e-9);
  assertAlmostEquals(high - low, 0, 1e-9);
});

Deno.test("an episode is a draw of its own, the same for the same stream", async () => {
  const draw = (seed: number) => fewShot(train, test, randomStream(seed), { shots: 5 });
  const found = await draw(1);
  assertEquals(found, await draw(1));
  assert((await draw(2)).top1 !== found.top1);
  assertEquals(found.episodes.length, 100);
  assert(new Set(found.episodes).size > 5, "episodes differ");
  const mean = (values: Float64Array) => values.reduce((sum, one) => sum + one, 0) / values.length;
  assertAlmostEquals(mean(found.episodes), found.top1, 1e-9);
  assertAlmostEquals(100 * mean(found.shares), found.top1, 1e-9);
  const spread = Math.sqrt(
    found.episodes.reduce((sum, one) => sum + (one - found.top1) ** 2, 0) / 99,
  );
  assertAlmostEquals(found.high - found.low, 2 * 1.96 * spread / 10, 1e-9);
});

Deno.test("one shot of each class is the class mean of one image", async () => {
  // All images of a class are equal, so any draw gives the mean.
  const features = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1);
  const bank = { features, labels: Int32Array.of(0, 0, 1, 1), width: 2 };
  const asked = { features: Float32Array.of(3, 1, 3, 1), labels: Int32Array.of(0, 1), width: 2 };
  const { top1, shares } = await fewShot(bank, asked, randomStream(0), { shots: 1, episodes: 4 });
  assertEquals([top1, ...shares], [50, 1, 0]);
});

Deno.test("more shots do better", async () => {
  const accuracy = async (shots: number) =>
    (await fewShot(train, test, randomStream(0), { shots })).top1;
  const [one, five, ten] = [await accuracy(1), await accuracy(5), await accuracy(10)];
  assert(one < five && five < ten, `${one}, ${five}, ${ten}`);
});

for (const [bins, expected] of Object.entries(golden.calibration)) {
  Deno.test(`the calibration error of ${bins} bins is that of the formula, to 1e-6`, () => {
    const confidences = numbers(200, 5).map((value) => value + 0.5);
    const right = numbers(200, 6).map((value, i) => Number(value + 0.5 < confidences[i]! ** 2));
    const { ece, bins: found, contributions } = calibrationError(confidences, right, {
      bins: Number(bins),
    });
    assertAlmostEquals(ece, expected, 1e-6);
    assertEquals(found.reduce((sum, { images }) => sum + images, 0), 200);
    const mean = contributions.reduce((sum, one) => sum + one, 0) / 200;
    assertAlmostEquals(100 * mean, ece, 1e-9);
  });
}

Deno.test("a bin holds its upper end, and 0 and 1 have one too", () => {
  const { bins, ece } = calibrationError([0, 0.5, 1], [0, 1, 1], { bins: 2 });
  assertEquals(bins.map(({ images }) => images), [2, 1]);
  assertAlmostEquals(ece, 100 * 2 / 3 * 0.25, 1e-9);
});

Deno.test("probabilities are scikit-learn's, to 3e-3 as the solver stops early", async () => {
  const model = await fitLogistic(train, { c: 1 });
  const first = test.features.subarray(0, 20 * width);
  const found = await logisticProbabilities(model, first, width);
  assertEquals(found.length, golden.probabilities.length);
  found.forEach((one, i) => assertAlmostEquals(one, golden.probabilities[i]!, 3e-3));
});

Deno.test("small steps and L-BFGS agree within half a point on an easy set", async () => {
  const easy = (seed: number) => {
    const { features, labels } = labelled(seed === 1 ? 600 : 2000, seed);
    const centres = numbers(7 * width, 3);
    const label = (i: number) => labels[Math.floor(i / width)]!;
    const moved = features.map((value, i) => value + 0.5 * centres[label(i) * width + i % width]!);
    return { features: moved, labels, width };
  };
  const [fit, asked] = [easy(1), easy(2)];
  let lbfgs = NaN;
  for await (const { value } of imageMetrics(fit, asked)("logistic")) lbfgs = value;
  const options = { batchSize: 128, epochs: 20, rates: [0.1, 1, 10], decays: [1e-6, 1e-4] };
  const before = tf.memory().numTensors;
  const { top1 } = await sgdProbe(fit, asked, randomStream(0), options);
  assertEquals(tf.memory().numTensors, before);
  console.log(`L-BFGS ${lbfgs.toFixed(2)} %, small steps ${top1.toFixed(2)} %`);
  assert(lbfgs > 85 && lbfgs < 100 && Math.abs(top1 - lbfgs) <= 0.5, `${top1} and ${lbfgs}`);
});

Deno.test("small steps that never stay finite are told", async () => {
  const huge = { ...train, features: train.features.map((value) => value * 1e19) };
  await assertRejects(
    () => sgdProbe(huge, test, randomStream(0), { rates: [1e20], epochs: 2, normalize: false }),
    UserError,
    "lower rates",
  );
});

for (const metric of evaluationMetrics) {
  Deno.test(`${metric} is the mean of what it gives each image, and leaves no tensor`, async () => {
    const before = tf.memory().numTensors;
    const found: Measurement[] = [];
    for await (const one of imageMetrics(train, test)(metric)) found.push(one);
    assertEquals(tf.memory().numTensors, before);
    assertEquals(found.length, metric === "few_shot" ? 3 : 1);
    for (const { value, scores } of found) {
      assertEquals(scores.length, 120);
      const mean = scores.reduce((sum, one) => sum + one, 0) / 120;
      assertAlmostEquals(100 * mean, value, 1e-9);
    }
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
  const found: Measurement[] = [];
  const priced = { costs: matrix, rejection: 0.3 };
  for await (const one of imageMetrics(train, test, priced)("logistic")) found.push(one);
  assertEquals(found.map(({ name }) => name), [
    "logistic regression accuracy",
    "cost-weighted accuracy",
    "expected cost of 100 images",
    "expected cost of 100 images, unsure ones handed on",
    "images handed on",
  ]);
  const [, , kept, handed, share] = found;
  assert(handed!.value < kept!.value, `${handed!.value} and ${kept!.value}`);
  assert(share!.value > 0 && share!.value < 100);
  const { predictions } = await linearProbe(train, test, randomStream(0).at("logistic"));
  const careless = costOfPredictions(matrix, predictions, test.labels).weightedAccuracy;
  assert(found[1]!.value > careless, `${found[1]!.value} and ${careless}`);
  assertAlmostEquals(found[1]!.scores.reduce((a, b) => a + b) / 1.2, found[1]!.value, 1e-9);

  const eight = { classes: [...names, "7"], costs: new Float64Array(64) };
  const measure = imageMetrics(train, test, { costs: eight })("logistic");
  await measure.next();
  await assertRejects(() => measure.next(), UserError, "up to class 6, expected the 8 classes");
});

Deno.test("only so many shots are measured as the smallest class has images", async () => {
  const names: string[] = [];
  const six = take(train, Array.from({ length: 42 }, (_, i) => i)); // six of each class
  for await (const { name } of imageMetrics(six, test)("few_shot")) names.push(name);
  assertEquals(names, ["1-shot accuracy", "5-shot accuracy"]);
});

const broken: { [what: string]: [train: LabelledFeatures, test: LabelledFeatures, part: string] } =
  {
    "one class": [take(train, [0, 7, 14]), take(test, [0]), "the class 0 alone"],
    "an empty class": [take(train, [0, 1]), take(test, [0, 2]), "the class 3 has test images"],
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
for (const [what, [first, second, part]] of Object.entries(broken)) {
  Deno.test(`features with ${what} are refused`, async () => {
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

Deno.test("more shots than images, and confidences that are none, are refused", async () => {
  const few = take(train, [0, 1, 2, 3, 4, 5, 6, 7]);
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
