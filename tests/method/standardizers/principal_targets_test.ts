/** Narrow targets: what only some principal axes of standardised features are. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fitStatistics, type FittedKind } from "../../../lib/method/standardizers/fit.ts";
import { foldStandardizer } from "../../../lib/method/standardizers/phi_s.ts";
import { destandardize, standardize } from "../../../lib/method/standardizers/standardizer.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { assertClose, golden } from "../../golden_values_fixture.ts";
import "../../pure_backend_fixture.ts";

interface Narrow {
  readonly kept: number;
  readonly variances: number[];
  readonly gram: number[][];
  readonly back: number[][];
}
const expected = golden<{
  readonly width: number;
  readonly features: number[][];
  readonly narrowFixed: Narrow;
  readonly narrowGlobal: Narrow;
}>("method/standardizers");
const features = tf.tensor2d(expected.features), { width } = expected, axes = 4;

async function fitted(kind: FittedKind, count = axes) {
  const fit = fitStatistics(kind, { axes: count }), rows = features.shape[0];
  for (const part of tf.split(features, 2) as tf.Tensor2D[]) {
    await fit.add({ a: { cls: part, patch: part.reshape([rows / 8, 4, width]) } });
  }
  return fit.finish(randomStream(0));
}

for (const kind of ["fixed", "global", "phi_s"] as const) {
  const right = kind === "fixed" ? expected.narrowFixed : expected.narrowGlobal;

  Deno.test(`four axes of "${kind}" equal double precision; their mean variance is 1`, async () => {
    const statistics = await fitted(kind);
    const cls = standardize({ a: { cls: features } }, statistics).a.cls;
    assertEquals(cls.shape, [features.shape[0], axes]);
    assertClose(tf.matMul(cls, cls, false, true), right.gram.flat(), 1e-5, "products");
    const rows = features.shape[0], { variance } = tf.moments(cls, 0);
    // PHI-S mixes the axes until each has the same variance; the others keep their proportions.
    const variances = kind === "phi_s" ? Array(axes).fill(1) : right.variances;
    assertClose(tf.mul(variance, rows / (rows - 1)), variances, 1e-5, "variances");
    assertAlmostEquals(statistics.a!.cls!.kept!.dataSync()[0]!, right.kept, 1e-6);
    const patch = features.reshape([rows / 4, 4, width]) as tf.Tensor3D;
    const ofPatches = standardize({ a: { patch } }, statistics).a.patch;
    assertEquals(ofPatches.shape, [rows / 4, 4, axes]);
    assertClose(ofPatches, cls.dataSync(), 1e-6, "patches");
  });

  Deno.test(`back from four axes of "${kind}": the features along them, also folded`, async () => {
    const statistics = await fitted(kind);
    const cls = standardize({ a: { cls: features } }, statistics).a.cls;
    const back = destandardize({ a: { cls } }, statistics).a.cls;
    assertClose(back, right.back.flat(), 1e-5, "features");
    const identity = { weight: tf.eye(axes), bias: tf.zeros<tf.Rank.R1>([axes]) };
    const { weight, bias } = foldStandardizer(identity, statistics.a!.cls!);
    assertEquals([weight.shape, bias.shape], [[axes, width], [width]]);
    assertClose(tf.add(tf.matMul(cls, weight), bias), right.back.flat(), 1e-5, "folded");
  });
}

Deno.test("a teacher that is no wider keeps its features whole", async () => {
  for (const kind of ["fixed", "phi_s"] as const) {
    const [same, whole] = [await fitted(kind, width), await fitted(kind, Infinity)];
    assertEquals(Object.keys(same.a!.cls!), Object.keys(whole.a!.cls!));
    assertEquals(same.a!.cls!.std.dataSync(), whole.a!.cls!.std.dataSync());
  }
});

Deno.test("features that never change have no axis, and stay finite", async () => {
  const fit = fitStatistics("fixed", { axes: 1 });
  await fit.add({ a: { cls: tf.tensor2d([[3, 1], [3, 5]]) } });
  await fit.add({ b: { cls: tf.ones([2, 2]) } });
  const statistics = fit.finish(randomStream(0));
  const { a } = standardize({ a: { cls: tf.tensor2d([[4, 1], [3, 5]]) } }, statistics);
  const [first = NaN, second = NaN] = a.cls.dataSync();
  assertAlmostEquals(Math.abs(first), Math.SQRT1_2, 1e-5);
  assertAlmostEquals(first, -second, 1e-5);
  const { b } = standardize({ b: { cls: tf.ones<tf.Rank.R2>([1, 2]) } }, statistics);
  assertEquals([...b.cls.dataSync()].map(Math.abs), [0]);
  assertEquals(statistics.b!.cls!.kept!.dataSync()[0], 1);
});
