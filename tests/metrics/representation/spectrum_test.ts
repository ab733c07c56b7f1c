import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { featureSpectrum } from "../../../lib/metrics/representation/spectrum.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { labelled, width } from "../labelled_fixture.ts";

await startEngine();
const { features } = labelled(120, 2);

for (const [name, expected] of Object.entries(golden.spectra)) {
  Deno.test(`principal axes are scikit-learn's (${name}), to 1e-5`, async () => {
    const rows = features.subarray(0, expected.images * width);
    const before = tf.memory().numTensors;
    const { variances, shares, effectiveRank } = await featureSpectrum({ features: rows, width });
    assertEquals(tf.memory().numTensors, before);
    assertEquals(variances.length, expected.variances.length);
    variances.forEach((variance, i) => assertAlmostEquals(variance, expected.variances[i]!, 1e-5));
    const total = expected.variances.reduce((sum, variance) => sum + variance, 0);
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
