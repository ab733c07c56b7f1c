import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fitStatistics, type FittedKind } from "../../../lib/method/standardizers/fit.ts";
import { foldStandardizer, phiRotation } from "../../../lib/method/standardizers/phi_s.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { destandardize, standardize } from "../../../lib/method/standardizers/standardizer.ts";
import type { Statistics } from "../../../lib/method/standardizers/statistics.ts";
import { assertClose, golden } from "../../golden_values_fixture.ts";
import "../../pure_backend_fixture.ts";

interface Golden {
  readonly width: number;
  readonly features: number[][];
  readonly mean: number[];
  readonly fixed: number[][];
  readonly global: number[][];
  readonly phiDeviation: number;
  readonly phiGram: number[][];
}
const expected = golden<Golden>("method/standardizers");
const { width } = expected;
const features = tf.tensor2d(expected.features);
const kinds: readonly FittedKind[] = ["fixed", "global", "phi_s"];

/** Fitted to the rows in so many parts, as CLS and as patches. */
async function fitted(kind: FittedKind, parts = 1): Promise<Statistics> {
  const fit = fitStatistics(kind);
  for (const part of tf.split(features, parts)) {
    const rows = part.shape[0]!;
    await fit.add({ a: { cls: part as tf.Tensor2D, patch: part.reshape([rows / 4, 4, width]) } });
  }
  return fit.finish(randomStream(0));
}

const apply = (statistics: Statistics) => standardize({ a: { cls: features } }, statistics).a.cls;

for (const kind of ["fixed", "global"] as const) {
  Deno.test(`"${kind}" equals double precision to 1e-5 (item 60)`, async () => {
    const statistics = await fitted(kind);
    assertClose(apply(statistics), expected[kind].flat(), 1e-5, kind);
    assertClose(statistics.a!.cls!.mean, expected.mean, 1e-6, "mean");
  });
}

Deno.test("PHI-S: every axis has unit variance, lengths and angles are kept (item 60)", async () => {
  const statistics = await fitted("phi_s");
  const turned = apply(statistics);
  const { variance } = tf.moments(turned, 0), rows = features.shape[0];
  const unbiased = variance.mul(rows / (rows - 1));
  assertClose(unbiased, Array(width).fill(1), 1e-4, "variances");
  assertClose(tf.matMul(turned, turned, false, true), expected.phiGram.flat(), 1e-5, "products");
  assertAlmostEquals(statistics.a!.cls!.std.dataSync()[0]!, expected.phiDeviation, 1e-5);
});

Deno.test("PHI-S without a Hadamard matrix turns at random, but still turns", () => {
  const covariance = Float64Array.of(4, 1, 0, 1, 3, 0, 0, 0, 1);
  const { rotation, std } = phiRotation(covariance, 3, randomStream(5));
  const r = tf.tensor2d(rotation, [3, 3]);
  assertClose(tf.matMul(r, r, true), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-6, "orthogonal");
  assertAlmostEquals(std, Math.sqrt(8 / 3), 1e-12);
});

for (const kind of kinds) {
  Deno.test(`"${kind}" is invertible (item 9)`, async () => {
    const statistics = await fitted(kind);
    const back = destandardize({ a: { cls: apply(statistics) } }, statistics).a.cls;
    assertClose(back, features.dataSync(), 1e-5, kind);
  });

  Deno.test(`"${kind}" from 1, 2 or 4 parts is the same (items 5, 62)`, async () => {
    const whole = apply(await fitted(kind));
    for (const parts of [2, 4]) {
      const values = apply(await fitted(kind, parts));
      if (kind !== "phi_s") assertClose(values, whole.dataSync(), 1e-5, `${parts} parts`);
      // A rotation is determined up to the signs of its axes, its effect on lengths is not.
      const gram = (x: tf.Tensor2D) => tf.matMul(x, x, false, true);
      assertClose(gram(values), gram(whole).dataSync(), 1e-5, `${parts} parts`);
    }
  });

  Deno.test(`"${kind}" folds into the last layer with equal outputs, to 1e-4 (item 60)`, async () => {
    const statistics = await fitted(kind);
    const layer = {
      weight: tf.randomNormal<tf.Rank.R2>([5, width], 0, 1, "float32", 1),
      bias: tf.randomNormal<tf.Rank.R1>([width], 0, 1, "float32", 2),
    };
    const hidden = tf.randomNormal<tf.Rank.R2>([7, 5], 0, 1, "float32", 3);
    const out = (parameters: typeof layer) =>
      tf.add<tf.Tensor2D>(tf.matMul(hidden, parameters.weight), parameters.bias);
    const apart = destandardize({ a: { cls: out(layer) } }, statistics).a.cls;
    const folded = out(foldStandardizer(layer, statistics.a!.cls!));
    assertClose(folded, apart.dataSync(), 1e-4 / 3, kind);
  });
}

Deno.test("a single row has no deviation and is refused (item 3)", async () => {
  const fit = fitStatistics("fixed");
  await fit.add({ a: { cls: tf.ones<tf.Rank.R2>([1, 3]) } });
  assertThrows(() => fit.finish(randomStream(0)), Error, "at least 2");
});

Deno.test("fitting leaves nothing behind but the statistics", async () => {
  const before = tf.memory().numTensors;
  const statistics = await fitted("phi_s", 2);
  tf.dispose(statistics);
  // The parts of the split are the caller's.
  assert(tf.memory().numTensors - before <= 4, `${tf.memory().numTensors - before} tensors more`);
});

Deno.test("a feature that never changes has the deviation 1e-6, not 0", async () => {
  const fit = fitStatistics("fixed");
  await fit.add({ a: { cls: tf.tensor2d([[3, 1], [3, 5]]) } });
  const { std } = fit.finish(randomStream(0)).a!.cls!;
  assertAlmostEquals(std.dataSync()[0]!, 1e-6, 1e-12);
});

Deno.test("rows that are not finite are left out, and a teacher's name may hold dots", async () => {
  const name = "a.b.c";
  for (const kind of ["fixed", "global", "phi_s"] as const) {
    const fit = fitStatistics(kind), whole = fitStatistics(kind);
    await fit.add({ [name]: { cls: tf.tensor2d([[NaN, 1], [1, 5], [3, 9], [2, Infinity]]) } });
    await fit.add({ [name]: { cls: tf.tensor2d([[NaN, NaN]]) } });
    await whole.add({ [name]: { cls: tf.tensor2d([[1, 5], [3, 9]]) } });
    const [got, right] = [fit, whole].map((each) => each.finish(randomStream(0))[name]!.cls!);
    assertEquals(got!.mean.dataSync(), right!.mean.dataSync());
    assertEquals(got!.std.dataSync(), right!.std.dataSync());
  }
});
