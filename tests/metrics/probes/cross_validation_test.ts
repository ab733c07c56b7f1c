/** Accuracy by folds of the train images. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { joinUnitRows } from "../../../lib/metrics/feature_matrix.ts";
import { crossValidate, drawFolds } from "../../../lib/metrics/probes/cross_validation.ts";
import { fitRidge, predictRidge } from "../../../lib/metrics/probes/ridge.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  numberStatistics,
  standardizeRows,
} from "../../../lib/metrics/representation/standardize_rows.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

Deno.test("every class is spread evenly over the folds, an only image is in none", () => {
  const labels = Int32Array.from({ length: 31 }, (_, i) => i === 30 ? 3 : i % 3);
  const folds = drawFolds(labels, 4, randomStream(0));
  assertEquals(folds[30], -1);
  for (const label of [0, 1, 2]) {
    const sizes = [0, 1, 2, 3].map((fold) =>
      labels.filter((other, i) => other === label && folds[i] === fold).length
    );
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
  }
  assertEquals(drawFolds(labels, 4, randomStream(0)), folds);
  assert(drawFolds(labels, 4, randomStream(1)).join() !== folds.join());
});

Deno.test("no image is among those that classify it: copies of one image in all folds are known, noise is not", async () => {
  // 20 images of noise; each alone with its label, half the labels 0.
  const noise = randomStream(4).normal(20 * 30);
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
  const lone = await crossValidate({ features: noise, labels, width: 30 }, randomStream(0), {
    k: 1,
  });
  assert(lone.knn < 85 && lone.linear < 85, JSON.stringify(lone));
  // Each three times: whatever is held out has copies among the others, up to bad luck in the draw.
  const features = new Float32Array([...noise, ...noise, ...noise]);
  const three = { features, labels: Int32Array.of(...labels, ...labels, ...labels), width: 30 };
  const known = await crossValidate(three, randomStream(0), { k: 1 });
  assert(known.knn > 90, JSON.stringify(known));
});

Deno.test("the scale of features does not matter", async () => {
  const features = randomStream(4).normal(24 * 4).map((value, i) => value + (i % 8 < 4 ? 1 : 0));
  const labels = Int32Array.from({ length: 24 }, (_, i) => (i + 1) % 2);
  const both = [1, 1024].map((factor) =>
    crossValidate(
      { features: features.map((value) => factor * value), labels, width: 4 },
      randomStream(0),
      { folds: 2 },
    )
  );
  const [first, second] = await Promise.all(both);
  assertEquals(first, second);
});

Deno.test("weights scale unit rows; deviations have a floor, and of nothing are 1", () => {
  const { features } = joinUnitRows([
    { features: Float32Array.of(3, 4, 0, 2), width: 2 },
    { features: Float32Array.of(-5, 5), width: 1 },
  ], [1, 0.5]);
  assertEquals([...features], [...Float32Array.of(0.6, 0.8, -0.5, 0, 1, 0.5)]);
  const rows = { features: Float32Array.of(10, 0, 1, 10.2, 0, 5), width: 3 };
  const { mean, deviation } = numberStatistics(rows);
  assertAlmostEquals(mean[0]!, 10.1, 1e-6);
  assertAlmostEquals(deviation[0]!, 0.505, 1e-6);
  assertEquals([mean[1], deviation[1], mean[2], deviation[2]], [0, 1, 3, 2]);
  assertAlmostEquals(standardizeRows(rows, { mean, deviation }).features[5]!, 1, 1e-6);
  // Of places: their squares come from elsewhere.
  const places = numberStatistics(
    { features: Float32Array.of(1, 3), width: 1 },
    { features: Float32Array.of(5, 13), width: 1 },
  );
  assertAlmostEquals(places.deviation[0]!, Math.sqrt(9 - 4), 1e-6);
});

Deno.test("ridge regression solves its equations, and the highest score wins", () => {
  const rows = 12, width = 5, classes = 3, values = randomStream(9).normal(rows * width);
  const product = (a: number, b: number) => {
    let sum = 1;
    for (let i = 0; i < width; i++) sum += values[a * width + i]! * values[b * width + i]!;
    return sum;
  };
  const products = Float64Array.from(
    { length: rows * rows },
    (_, i) => product(Math.floor(i / rows), i % rows),
  );
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const weights = fitRidge(products, labels, { classes, penalty: 0.2 });
  for (let row = 0; row < rows; row++) {
    for (let label = 0; label < classes; label++) {
      let left = 0.2 * weights[row * classes + label]!;
      for (let i = 0; i < rows; i++) {
        left += products[row * rows + i]! * weights[i * classes + label]!;
      }
      assertAlmostEquals(left, Number(labels[row] === label), 1e-10);
    }
  }
  // Scores of two rows by two train rows: (1, 4) and (2, 2).
  const predicted = predictRidge(Float64Array.of(1, 0, 0, 1), Float64Array.of(1, 4, 2, 2), 2);
  assertEquals([...predicted], [1, 0]);
  const bad = products.map((value, i) => i === 0 ? NaN : value);
  assertThrows(() => fitRidge(bad, labels, { classes, penalty: 0.2 }), UserError, "12 rows");
});

Deno.test("every image has its score, whose mean is the accuracy; one alone in its class has none", async () => {
  const features = randomStream(4).normal(31 * 4).map((value, i) => value + (i % 8 < 4 ? 1 : 0));
  const labels = Int32Array.from({ length: 31 }, (_, i) => i === 30 ? 2 : (i + 1) % 2);
  const images = { features, labels, width: 4 };
  const { knn, linear, scores } = await crossValidate(images, randomStream(0), { folds: 3, k: 5 });
  for (const [accuracy, list] of [[knn, scores.knn], [linear, scores.linear]] as const) {
    assertEquals([list.length, list[30]], [31, NaN]);
    assert(list.slice(0, 30).every((score) => score === 0 || score === 1));
    assertAlmostEquals(100 * list.slice(0, 30).reduce((sum, score) => sum + score) / 30, accuracy);
  }
  // An image is right where the others of its place are: those that were moved by their class.
  assert(scores.linear.join() !== scores.knn.join() && linear > 60, `${linear}`);
});
