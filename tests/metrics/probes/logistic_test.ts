import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { gatherImages, type LabelledFeatures } from "../../../lib/metrics/labelled_features.ts";
import { linearProbe, splitByClass } from "../../../lib/metrics/probes/linear_probe.ts";
import {
  fitLogistic,
  logisticProbabilities,
  predictLogistic,
} from "../../../lib/metrics/probes/logistic.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

interface Golden {
  readonly width: number;
  readonly features: number[][];
  readonly labels: number[];
  readonly test: number[][];
  readonly fitsOfTwo: { c: number; weight: number[]; bias: number; probabilities: number[] }[];
  readonly fits: { c: number; objective: number; weight: number[][]; predictions: number[] }[];
}
const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("../../golden/metrics/logistic.json", import.meta.url)),
);
const { width } = golden;
const train: LabelledFeatures = {
  features: Float32Array.from(golden.features.flat()),
  labels: Int32Array.from(golden.labels),
  width,
};

/** Noise around one centre per class. */
function blobs(seed: number, images: number, spread: number): LabelledFeatures {
  const random = randomStream(seed);
  const labels = Int32Array.from({ length: images }, (_, i) => i % 3);
  const noise = random.at("noise").normal(images * 4);
  const features = Float32Array.from(
    noise,
    (value, i) => spread * value + Number(labels[i >> 2] === (i & 3)),
  );
  return { features, labels, width: 4 };
}

for (const { c, objective, weight, predictions } of golden.fits) {
  Deno.test(`the classifier equals scikit-learn's at C = ${c}: weights to 2e-3`, async () => {
    await startEngine();
    const model = await fitLogistic(train, { c });
    const classes = model.bias.length;
    for (let row = 0; row < width; row++) {
      const coefficients = model.weight.subarray(row * classes, (row + 1) * classes);
      const mean = coefficients.reduce((sum, value) => sum + value, 0) / classes;
      const scale = Math.max(1, ...weight[row]!.map(Math.abs));
      coefficients.forEach((value, k) =>
        assertAlmostEquals(value - mean, weight[row]![k]!, 2e-3 * scale)
      );
    }
    assertAlmostEquals(objectiveOf(model.weight, model.bias, c), objective, 1e-6);
    const predicted = await predictLogistic(model, Float32Array.from(golden.test.flat()), width);
    assertEquals([...predicted], predictions);
  });
}

for (const { c, weight, bias, probabilities } of golden.fitsOfTwo) {
  Deno.test(`two classes are penalised as by scikit-learn at C = ${c}`, async () => {
    await startEngine();
    const two = [...train.labels.keys()].filter((image) => train.labels[image]! < 2);
    const model = await fitLogistic(gatherImages(train, two), { c });
    const scale = Math.max(1, ...weight.map(Math.abs));
    weight.forEach((expected, i) =>
      assertAlmostEquals(model.weight[2 * i + 1]! - model.weight[2 * i]!, expected, 2e-3 * scale)
    );
    assertAlmostEquals(model.bias[1]! - model.bias[0]!, bias, 2e-3 * scale);
    const all = await logisticProbabilities(model, Float32Array.from(golden.test.flat()), width);
    probabilities.forEach((expected, i) => assertAlmostEquals(all[2 * i + 1]!, expected, 1e-3));
  });
}

Deno.test("train images of one class are refused in words", async () => {
  await startEngine();
  const one = { ...train, labels: train.labels.map(() => 0) };
  const message = "train images of the class 0 alone, expected at least two classes";
  await assertRejects(() => fitLogistic(one), UserError, message);
  await assertRejects(() => linearProbe(one, one, randomStream(0)), UserError, message);
});

/** The objective in double precision. */
function objectiveOf(weight: Float64Array, bias: Float64Array, c: number): number {
  const classes = bias.length, images = golden.labels.length;
  let loss = 0;
  golden.features.forEach((row, image) => {
    const logits = Array.from(
      bias,
      (b, k) => row.reduce((sum, x, i) => sum + x * weight[i * classes + k]!, b),
    );
    loss += Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) -
      logits[golden.labels[image]!]!;
  });
  return loss / images + weight.reduce((sum, w) => sum + w * w, 0) / (2 * c * images);
}

Deno.test("the penalty is chosen without the test images, the same for the same seed", async () => {
  await startEngine();
  const [train, test] = [blobs(0, 300, 0.5), blobs(1, 300, 0.5)];
  const first = await linearProbe(train, test, randomStream(3));
  const again = await linearProbe(train, test, randomStream(3));
  assertEquals(first, again);
  assert(first.top1 > 70, `${first.top1} %`);
  const elsewhere = await linearProbe(train, blobs(2, 30, 2), randomStream(3));
  assertEquals(elsewhere.c, first.c);
});

Deno.test("noise calls for a stronger penalty than clean features", async () => {
  await startEngine();
  const noisy = await linearProbe(blobs(0, 60, 3), blobs(1, 60, 3), randomStream(0));
  const clean = await linearProbe(blobs(0, 60, 0.1), blobs(1, 60, 0.1), randomStream(0));
  assertEquals(clean.top1, 100);
  assert(noisy.c <= 1, `found ${noisy.c}`);
});

Deno.test("a fifth of every class is held out, at least one image, and none is in both", () => {
  const labels = Int32Array.from([...Array(20).fill(0), ...Array(6).fill(1), 2]);
  const features = Float32Array.from(labels, (_, i) => i);
  const { fit, held } = splitByClass({ features, labels, width: 1 }, randomStream(0));
  const count = (set: LabelledFeatures, label: number) =>
    set.labels.filter((other) => other === label).length;
  assertEquals([0, 1, 2].map((label) => count(held, label)), [4, 1, 1]);
  assertEquals([0, 1, 2].map((label) => count(fit, label)), [16, 5, 1]);
  const both = [...held.features].filter((value) => fit.features.includes(value));
  assertEquals(both, [26], "only the class of one image stays in both");
});

Deno.test("labels outside the classes are refused", async () => {
  await startEngine();
  const set = { features: new Float32Array(2), labels: Int32Array.of(0, 5), width: 1 };
  await assertRejects(() => fitLogistic(set, { classes: 3 }), RangeError, "label 5");
  await assertRejects(() => fitLogistic(set, { classes: 5 }), RangeError, "label 5");
  await assertRejects(() => fitLogistic({ ...set, width: 2 }), RangeError, "2 numbers");
});
