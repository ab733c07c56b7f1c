import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { linearCka } from "../../../lib/metrics/representation/cka.ts";
import type { FeatureMatrix } from "../../../lib/metrics/representation/feature_matrix.ts";
import { complementarity } from "../../../lib/metrics/representation/complementarity.ts";
import { featureSpectrum } from "../../../lib/metrics/representation/spectrum.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/metrics.json" with { type: "json" };
import { labelled, numbers, width } from "../labelled_fixture.ts";

await startEngine();
const { features } = labelled(120, 2);
const first: FeatureMatrix = { features, width };

/** As in tests/golden/metrics.py: five of the first's numbers, far from zero, beside others. */
function part(): FeatureMatrix {
  const others = numbers(120 * 3, 7);
  const rows = Float32Array.from({ length: 120 * 8 }, (_, i) => {
    const [row, column] = [Math.floor(i / 8), i % 8];
    return column < 5 ? features[row * width + column]! * 3 + 10 : others[row * 3 + column - 5]!;
  });
  return { features: rows, width: 8 };
}

const seconds = { part: part(), noise: { features: numbers(120 * 9, 8), width: 9 } };
for (const name of ["part", "noise"] as const) {
  Deno.test(`alignment with ${name} is that of numpy's kernels, to 2e-6`, async () => {
    const before = tf.memory().numTensors;
    const debiased = await linearCka(first, seconds[name]);
    assertEquals(tf.memory().numTensors, before);
    assertAlmostEquals(debiased, golden.cka[name].debiased, 2e-6);
    const biased = await linearCka(first, seconds[name], { debiased: false });
    assertAlmostEquals(biased, golden.cka[name].biased, 2e-6);
  });
}

Deno.test("a shift, a scale and a change of axes leave alignment at 1", async () => {
  const turned = features.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return 5 - 3 * features[row * width + width - 1 - column]!;
  });
  assertAlmostEquals(await linearCka(first, { features: turned, width }), 1, 1e-5);
  assertAlmostEquals(
    await linearCka(first, { features: turned, width }, { debiased: false }),
    1,
    1e-5,
  );
});

Deno.test("wide noise on few images is alike only to the biased measure", async () => {
  const noise = (seed: number) => ({ features: randomStream(seed).normal(20 * 200), width: 200 });
  assert(await linearCka(noise(1), noise(2), { debiased: false }) > 0.8);
  assert(Math.abs(await linearCka(noise(1), noise(2))) < 0.1);
});

Deno.test("features that cannot be compared are refused, equal ones give NaN", async () => {
  const refused = (second: FeatureMatrix, text: string, one = first) =>
    assertRejects(() => linearCka(one, second), UserError, text);
  await refused({ features: new Float32Array(90), width: 9 }, "120 and 10 images");
  await refused({ features: new Float32Array(120).fill(NaN), width: 1 }, "not finite");
  const three = { features: new Float32Array(3), width: 1 };
  await refused(three, "at least four", three);
  assertEquals(await linearCka({ features: new Float32Array(120), width: 1 }, first), NaN);
});

for (const [name, expected] of Object.entries(golden.spectra)) {
  Deno.test(`principal axes are scikit-learn's (${name}), to 1e-5`, async () => {
    const rows = features.subarray(0, expected.images * width);
    const before = tf.memory().numTensors;
    const { variances, shares, effectiveRank } = await featureSpectrum({ features: rows, width });
    assertEquals(tf.memory().numTensors, before);
    assertEquals(variances.length, expected.variances.length);
    variances.forEach((one, i) => assertAlmostEquals(one, expected.variances[i]!, 1e-5));
    const total = expected.variances.reduce((sum, one) => sum + one, 0);
    assertAlmostEquals(shares[0]!, expected.variances[0]! / total, 1e-5);
    assertAlmostEquals(shares.at(-1)!, 1, 1e-12);
    // A variance that rounding lifts from 0 to 1e-7 adds a deviation of 3e-4.
    assertAlmostEquals(effectiveRank, expected.effectiveRank, 1e-2);
  });
}

Deno.test("the effective rank counts equal directions", async () => {
  const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].flatMap((z) => [x, y, z])));
  const cube = { features: Float32Array.from(corners), width: 3 };
  const { effectiveRank, shares } = await featureSpectrum(cube);
  assertAlmostEquals(effectiveRank, 3, 1e-4);
  [1 / 3, 2 / 3, 1].forEach((share, i) => assertAlmostEquals(shares[i]!, share, 1e-5));
});

Deno.test("features without axes are refused", async () => {
  const refused = (rows: number[], text: string) =>
    assertRejects(
      () => featureSpectrum({ features: Float32Array.from(rows), width: 2 }),
      UserError,
      text,
    );
  await refused([1, 2], "1 images");
  await refused([1, 2, 1, 2], "all images alike");
  await refused([1, 2, NaN, 2], "some not finite");
  await refused([1, 2, 3], "1.5 images");
});

Deno.test("overlap, union and gain of three models are those of a hand count", () => {
  const labels = [0, 1, 2, 0, 1];
  // Right:        a 1 1 1 0 0   b 1 0 0 1 0   c 0 1 1 0 0
  const [a, b, c] = [[0, 1, 2, 1, 2], [0, 2, 1, 0, 0], [1, 1, 2, 2, 2]];
  const found = complementarity([a!, b!, c!], labels);
  assertEquals(found.accuracy, [60, 40, 40]);
  assertEquals(found.union, 80);
  assertEquals(found.pairUnion, [[60, 80, 60], [80, 40, 80], [60, 80, 40]]);
  // Errors: a {3, 4}, b {1, 2, 4}, c {0, 3, 4}.
  assertEquals(found.errorOverlap, [[100, 25, 100 * 2 / 3], [25, 100, 20], [100 * 2 / 3, 20, 100]]);
  assertEquals(found.gain, [[0, 20, 0], [40, 0, 40], [20, 40, 0]]);
  assertEquals(found.alone, [0, 20, 0]);
});

Deno.test("models without errors overlap in none, and others are refused", () => {
  assertEquals(complementarity([[1], [1]], [1]).errorOverlap, [[NaN, NaN], [NaN, NaN]]);
  assertEquals(complementarity([[1]], [1]).alone, [100]);
  const refused = (predictions: number[][], labels: number[], text: string) =>
    assertThrows(() => complementarity(predictions, labels), UserError, text);
  refused([], [1], "0 models");
  refused([[]], [], "0 labels");
  refused([[1], [1, 2]], [1], "2 predictions");
});
