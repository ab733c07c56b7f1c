import { assertEquals, assertLess } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { linearProbe, splitByClass } from "../../../lib/metrics/probes/linear_probe.ts";
import { fitLogistic, predictLogistic } from "../../../lib/metrics/probes/logistic.ts";
import { percentRight } from "../../../lib/metrics/labelled_features.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { numbers } from "../labelled_fixture.ts";

await startEngine();

Deno.test("a fifth of each class is held out, and not fitted", () => {
  const labels = Int32Array.from({ length: 26 }, (_, i) => i < 10 ? 0 : i < 25 ? 1 : 2);
  const features = Float32Array.from({ length: 26 }, (_, i) => i);
  const { fit, held } = splitByClass({ features, labels, width: 1 }, randomStream(0));
  const count = (set: Int32Array, label: number) => set.filter((one) => one === label).length;
  assertEquals([0, 1, 2].map((label) => count(held.labels, label)), [2, 3, 1]);
  // The only image of a class is on both sides.
  assertEquals([0, 1, 2].map((label) => count(fit.labels, label)), [8, 12, 1]);
  const both = [...fit.features].filter((image) => held.features.includes(image));
  assertEquals(both, [25]);
});

Deno.test("of penalties that are equally right the strongest is chosen", async () => {
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
  const set = { features: Float32Array.from(labels, (label) => label - 0.5), labels, width: 1 };
  const { c, top1 } = await linearProbe(set, set, randomStream(0));
  assertEquals([c, top1], [1e-4, 100]);
});

Deno.test("the penalty is the one that is most often right on what was held out", async () => {
  // Labels follow one of 40 numbers, loosely: without a penalty 60 images are learnt by heart.
  const [images, width] = [60, 40];
  const features = numbers(images * width, 5);
  const noise = numbers(images, 6);
  const labels = Int32Array.from(noise, (value, i) => Number(features[i * width]! + value > 0));
  const set = { features, labels, width };
  const { fit, held } = splitByClass(set, randomStream(3));
  const right = [];
  for (const c of [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4]) {
    const model = await fitLogistic(fit, { classes: 2, c, maximumIterations: 2000 });
    right.push({
      c,
      right: percentRight(await predictLogistic(model, held.features, width), held),
    });
  }
  const best = right.reduce((best, one) => one.right > best.right ? one : best);
  const { c } = await linearProbe(set, set, randomStream(3));
  assertEquals(c, best.c);
  assertLess(c, 1e3, "the weakest penalties fit best what they were fitted to");
});
