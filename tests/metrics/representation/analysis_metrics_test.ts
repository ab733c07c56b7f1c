import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { linearCka } from "../../../lib/metrics/representation/cka.ts";
import { ckaMatrix } from "../../../lib/metrics/representation/cka_matrix.ts";
import { componentCurve } from "../../../lib/metrics/representation/component_curve.ts";
import { jointAccuracy } from "../../../lib/metrics/representation/joint_accuracy.ts";
import { knn } from "../../../lib/metrics/probes/knn.ts";
import { pruneSmallest } from "../../../lib/metrics/representation/magnitude_pruning.ts";
import { alongAxes, principalAxes } from "../../../lib/metrics/representation/principal_axes.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

await startEngine();

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
  for (const [a, one] of all.entries()) {
    for (const [b, other] of all.entries()) {
      assertAlmostEquals(matrix[a]![b]!, await linearCka(one, other), 1e-5);
    }
  }
  assert(matrix[0]![3]! > 0.5 && Math.abs(matrix[0]![1]!) < 0.3);
  await assertRejects(() => ckaMatrix([noise(30, 5, 1), noise(29, 5, 1)]), UserError, "30 and 29");
});

for (const [images, width] of [[40, 6], [6, 40]] as const) {
  Deno.test(`axes of ${images} images of width ${width} are at right angles and hold the variance`, async () => {
    const matrix = noise(images, width, 4);
    const { axes, count, variances } = await principalAxes(matrix);
    assertEquals(count, Math.min(width, images - 1));
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let product = 0;
        for (let i = 0; i < width; i++) product += axes[a * width + i]! * axes[b * width + i]!;
        assertAlmostEquals(product, Number(a === b), 1e-4);
      }
    }
    const turned = await alongAxes(matrix, await principalAxes(matrix));
    for (let axis = 0; axis < count; axis++) {
      let sum = 0;
      for (let image = 0; image < images; image++) {
        sum += turned.features[image * count + axis]! ** 2;
      }
      assertAlmostEquals(sum / (images - 1), variances[axis]!, 1e-3 * variances[0]!);
    }
  });
}

Deno.test("the curve ends at the accuracy of whole features, shifted by the train mean", async () => {
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const { features, width } = noise(40, 6, 5);
  labels.forEach((label, image) => features[image * width]! += 4 * label);
  const train = { features, width, labels };
  const axes = await principalAxes(train);
  const { dimensions, accuracy } = await componentCurve(train, train, { axes, k: 3 });
  assertEquals(dimensions, [1, 2, 4, 6]);
  const shifted = {
    ...train,
    features: features.map((value, i) => value - axes.mean[i % width]!),
  };
  assertEquals(accuracy.at(-1), (await knn(shifted, shifted, { k: 3 })).top1);
  assert(accuracy[0]! > 80, "the first axis is the one that parts the classes");
});

Deno.test("features side by side: each of two models knows one half of four classes", async () => {
  const labels = Int32Array.of(0, 1, 2, 3);
  const model = (...rows: number[]) => {
    const part = { features: Float32Array.from(rows), labels, width: 2 };
    return { train: part, test: part };
  };
  const first = model(1, 0, 1, 0, 0, 1, 0, 1); // 0 and 1 look alike, so do 2 and 3
  const second = model(1, 0, 0, 1, 1, 0, 0, 1); // 0 and 2 look alike, so do 1 and 3
  const { pair, gain, all, without } = await jointAccuracy([first, second], { k: 1 });
  assertEquals(pair, [[50, 100], [100, 50]]);
  assertEquals(gain, [[0, 50], [50, 0]]);
  assertEquals([all, ...without], [100, 50, 50]);
});

Deno.test("pruning takes the smallest, the first of equal ones first, and no other share", () => {
  assertEquals([...pruneSmallest(Float32Array.of(1, -1, 1, 5), 0.5)], [0, 0, 1, 5]);
  assertEquals([...pruneSmallest(Float32Array.of(1, -2), 0)], [1, -2]);
  assertEquals([...pruneSmallest(Float32Array.of(1, -2), 1)], [0, 0]);
  assertThrows(() => pruneSmallest(new Float32Array(2), 1.5), RangeError, "from 0 to 1");
});
