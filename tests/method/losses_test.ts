import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { lossesPerTeacher, tokenLoss } from "../../lib/method/losses.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertClose, fill, fillValues, golden } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const loss = (prediction: number[], target: number[]) =>
  tokenLoss(tf.tensor1d(prediction), tf.tensor1d(target)).dataSync()[0]!;

Deno.test("tokenLoss equals PyTorch's cosine and smooth L1, with its gradient (item 14)", () => {
  const expected = golden<{ loss: string; gradient: string }>("method/losses");
  const x = tf.tensor(fillValues(60, 1, 2), [3, 4, 5]);
  const y = tf.tensor(fillValues(60, 2, 1.5), [3, 4, 5]);
  assertClose(tokenLoss(x, y), expected.loss, 1e-6);
  const gradient = tf.grad((x) => tf.sum(tf.mul(tokenLoss(x, y), fill([3, 4], 3))))(x);
  assertClose(gradient, expected.gradient, 1e-6);
});

Deno.test("tokenLoss has the gradient that central differences show (item 14)", () => {
  const x = [0.5, -2, 1, 0.25], y = [1, 0.5, -1, 0.5], step = 0.01;
  const gradient = tf.grad((x) => tokenLoss(x, tf.tensor1d(y)))(tf.tensor1d(x)).dataSync();
  x.forEach((_, i) => {
    const moved = (by: number) => x.map((value, j) => i === j ? value + by : value);
    const slope = (loss(moved(step), y) - loss(moved(-step), y)) / (2 * step);
    assertAlmostEquals(gradient[i]!, slope, 1e-4);
  });
});

Deno.test("smooth L1 is 0.125, 1.5, 0.5 for 0.5, 2, -1; its mean over features (item 10)", () => {
  // Equal directions leave half of smooth L1; its value is read off one feature at a time.
  const smooth = (difference: number) => 2 * loss([10 + difference], [10]);
  assertAlmostEquals(smooth(0.5), 0.125, 1e-6);
  assertAlmostEquals(smooth(2), 1.5, 1e-6);
  assertAlmostEquals(smooth(-1), 0.5, 1e-6);
  // (3, 4) against (6, 8): cosine 0; the differences 3 and 4 give (2.5 + 3.5) / 2.
  assertAlmostEquals(loss([3, 4], [6, 8]), 0.5 * 3, 1e-6);
});

Deno.test("cosine loss is 0, 1, 2 for equal, orthogonal, opposite, and 1 for zero (item 11)", () => {
  const cosine = (prediction: number[], target: number[], smooth: number) =>
    2 * loss(prediction, target) - smooth;
  assertAlmostEquals(cosine([1, 2], [1, 2], 0), 0, 1e-6);
  assertAlmostEquals(cosine([1, 0], [0, 1], 0.5), 1, 1e-6);
  assertAlmostEquals(cosine([1, 0], [-1, 0], 1.5 / 2), 2, 1e-6);
  assertAlmostEquals(cosine([0, 0], [1, 1], 0.5), 1, 1e-6);
  assertAlmostEquals(cosine([1, 1], [0, 0], 0.5), 1, 1e-6);
  assertAlmostEquals(cosine([0, 0], [0, 0], 0), 1, 1e-6);
});

Deno.test("zero and tiny vectors have finite losses and gradients (item 11)", () => {
  const vectors = [[0, 0], [1e-20, 0], [1e-30, -1e-30], [1, 1], [1e15, -1e15]];
  for (const x of vectors) {
    for (const y of vectors) {
      const gradient = tf.grad((x) => tokenLoss(x, tf.tensor1d(y)))(tf.tensor1d(x)).dataSync();
      assert(gradient.every(Number.isFinite) && Number.isFinite(loss(x, y)), `[${x}] to [${y}]`);
    }
  }
});

Deno.test("a zero prediction of Gaussian targets costs 0.7123 (item 12)", () => {
  const target = tf.tensor2d(randomStream(1).normal(768 * 500), [500, 768]);
  const mean = tokenLoss(tf.zerosLike(target), target).mean().dataSync()[0]!;
  assertAlmostEquals(mean, 0.7123, 0.001);
});

Deno.test("CLS and patches weigh the same however many patches, teachers in any order (items 13, 15)", () => {
  const features = (count: number, seed: number) => ({
    a: { cls: fill<tf.Rank.R2>([2, 3], seed), patch: fill<tf.Rank.R3>([2, count, 3], seed + 1) },
    b: { patch: fill<tf.Rank.R3>([2, 5, 4], seed + 2) },
  });
  for (const count of [1, 7]) {
    const x = features(count, 1), y = features(count, 5);
    const { matrix, perToken } = lossesPerTeacher(x, y, ["a", "b"]);
    assertEquals(matrix.shape, [2, 2]);
    const half = perToken.a!.cls!.add(perToken.a!.patch!).div(2);
    const whole = tokenLoss(x.b.patch, y.b.patch).mean(1);
    assertClose(matrix, tf.stack([half, whole], 1).dataSync(), 1e-7);
    assertEquals(Object.keys(perToken.b!), ["patch"]);
    const swapped = lossesPerTeacher(x, y, ["b", "a"]).matrix.reverse(1);
    assertEquals(swapped.dataSync(), matrix.dataSync());
  }
});

Deno.test("no gradient flows to the target (item 14)", () => {
  const x = fill<tf.Rank.R2>([2, 3], 1), y = fill<tf.Rank.R2>([2, 3], 2);
  assertThrows(() => tf.grad((y) => tf.sum(tokenLoss(x, y)))(y), Error, "Cannot compute gradient");
});

Deno.test("missing and misshapen targets are errors that name the teacher or the shapes", () => {
  const x = { a: { cls: tf.ones<tf.Rank.R2>([2, 3]) } };
  assertThrows(() => lossesPerTeacher(x, { a: {} }, ["a"]), Error, 'teacher "a": found no cls');
  assertThrows(() => lossesPerTeacher(x, x, ["b"]), Error, 'teacher "b"');
  assertThrows(() => tokenLoss(tf.ones([2, 3]), tf.ones([2, 1])), Error, "shape [2,3]");
});

Deno.test("one missing type is an error where the other is there", () => {
  const cls = tf.ones<tf.Rank.R2>([2, 3]), patch = tf.ones<tf.Rank.R3>([2, 4, 3]);
  assertThrows(
    () => lossesPerTeacher({ a: { cls, patch } }, { a: { cls } }, ["a"]),
    Error,
    'teacher "a": found no patch',
  );
});
