import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { linearCka } from "../../../lib/metrics/representation/cka.ts";
import type { FeatureMatrix } from "../../../lib/metrics/feature_matrix.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { labelled, numbers, width } from "../labelled_fixture.ts";
import { ckaMatrix } from "../../../lib/metrics/representation/cka_matrix.ts";

await startEngine();
const { features } = labelled(120, 2);
const first: FeatureMatrix = { features, width };

/** As in tests/golden/metrics/metrics.py: five of the first's numbers, far from zero, beside others. */
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
  const refused = (second: FeatureMatrix, text: string, other = first) =>
    assertRejects(() => linearCka(other, second), UserError, text);
  await refused({ features: new Float32Array(90), width: 9 }, "120 and 10 images");
  await refused({ features: new Float32Array(120).fill(NaN), width: 1 }, "not finite");
  const three = { features: new Float32Array(3), width: 1 };
  await refused(three, "at least four", three);
  assertEquals(await linearCka({ features: new Float32Array(120), width: 1 }, first), NaN);
});

function noise(images: number, width: number, seed: number) {
  return { features: randomStream(seed).normal(images * width), width };
}

Deno.test("every pair of the matrix is the alignment of the two layers, to 1e-5", async () => {
  const layers = [noise(30, 5, 1), noise(30, 40, 2), noise(30, 8, 3)];
  const together = { // half of the first, so that one pair is well above nothing
    features: Float32Array.from(
      { length: 30 * 3 },
      (_, i) => layers[0]!.features[Math.floor(i / 3) * 5 + i % 3]!,
    ),
    width: 3,
  };
  const all = [...layers, together];
  const matrix = await ckaMatrix(all);
  for (const [a, layer] of all.entries()) {
    for (const [b, other] of all.entries()) {
      assertAlmostEquals(matrix[a]![b]!, await linearCka(layer, other), 1e-5);
    }
  }
  assert(matrix[0]![3]! > 0.5 && Math.abs(matrix[0]![1]!) < 0.3);
  await assertRejects(() => ckaMatrix([noise(30, 5, 1), noise(29, 5, 1)]), UserError, "30 and 29");
});
