import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { componentCurve } from "../../../lib/metrics/representation/component_curve.ts";
import { knn } from "../../../lib/metrics/probes/knn.ts";
import { principalAxes } from "../../../lib/metrics/representation/principal_axes.ts";

await startEngine();

function noise(images: number, width: number, seed: number) {
  return { features: randomStream(seed).normal(images * width), width };
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

Deno.test("the powers of two end below the width, which comes last", async () => {
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
  for (const [width, expected] of [[3, [1, 2, 3]], [5, [1, 2, 4, 5]], [4, [1, 2, 4]]] as const) {
    const train = { ...noise(20, width, 7), labels };
    const { dimensions } = await componentCurve(train, train, {
      axes: await principalAxes(train),
      k: 1,
    });
    assertEquals(dimensions, [...expected]);
  }
});
