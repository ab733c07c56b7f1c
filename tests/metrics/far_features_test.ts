/** Features far from zero are measured as near ones: nothing cancels in single precision. */
import { assertAlmostEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { tokenMoments } from "../../lib/metrics/dense/token_moments.ts";
import { linearCka } from "../../lib/metrics/representation/cka.ts";
import { ckaMatrix } from "../../lib/metrics/representation/cka_matrix.ts";
import { principalComponents } from "../../lib/metrics/representation/principal_components.ts";
import { featureSpectrum } from "../../lib/metrics/representation/spectrum.ts";
import { fitLogistic, logisticProbabilities } from "../../lib/metrics/probes/logistic.ts";
import { randomStream } from "../../lib/tensors/random.ts";

await startEngine();
const rows = 300, width = 6, offset = 1000;
const normal = randomStream(1).normal(rows * width);
const labels = Int32Array.from({ length: rows }, (_, i) => i % 3);
// Rounded where it lies far out, so that what lies near is exactly the same set.
const far = Float32Array.from(normal, (value, i) => {
  const apart = i % width === 0 ? 2 * labels[Math.floor(i / width)]! : 0;
  return offset + 0.1 * (value * (1 + i % width) + apart);
});
const sets = [far.map((value) => value - offset), far].map((features) => ({ features, width }));
const other = { features: Float32Array.from(normal, (v, i) => Math.sin(3 * v + i % width)), width };

const measures: Record<string, (set: typeof other) => Promise<ArrayLike<number>>> = {
  "variances along principal axes": async (set) => (await featureSpectrum(set)).variances,
  "shares of principal components": async (set) => (await principalComponents(set, 3)).shares,
  "linear CKA": async (set) => [
    await linearCka(set, other),
    await linearCka(set, other, { debiased: true }),
  ],
  "matrix of CKA": async (set) => (await ckaMatrix([set, other])).flat(),
  "scales of batch normalisation": ({ features: tokens, width }) =>
    Promise.resolve(tokenMoments({ tokens, width }).scale),
  "probabilities of a logistic regression": async (set) =>
    await logisticProbabilities(
      await fitLogistic({ ...set, labels }, { c: 10 }),
      set.features,
      width,
    ),
};
for (const [name, measure] of Object.entries(measures)) {
  Deno.test(`${name}: to 1e-3 of the largest the same at mean 0 and at mean 1000`, async () => {
    const [near, distant] = [await measure(sets[0]!), await measure(sets[1]!)];
    const largest = Math.max(...Array.from(near, Math.abs));
    Array.from(near).forEach((value, i) =>
      assertAlmostEquals(distant[i]!, value, 1e-3 * largest, `${i}`)
    );
  });
}
