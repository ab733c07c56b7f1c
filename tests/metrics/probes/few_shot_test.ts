import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { classMean } from "../../../lib/metrics/probes/class_mean.ts";
import { fewShot } from "../../../lib/metrics/probes/few_shot.ts";
import { gatherImages } from "../../../lib/metrics/labelled_features.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { labelled } from "../labelled_fixture.ts";

await startEngine();
const [train, test] = [labelled(500, 1), labelled(120, 2)];

Deno.test("few shots with all images are class means, whatever is drawn", async () => {
  const bank = gatherImages(train, Array.from({ length: 70 }, (_, i) => i)); // ten of each class
  const whole = await classMean(bank, test);
  const { top1, episodes, low, high } = await fewShot(bank, test, randomStream(1), {
    shots: 10,
    episodes: 3,
  });
  episodes.forEach((accuracy) => assertAlmostEquals(accuracy, whole.top1, 1e-9));
  assertAlmostEquals(top1, whole.top1, 1e-9);
  assertAlmostEquals(high - low, 0, 1e-9);
});

Deno.test("each episode is another draw, the same for the same stream", async () => {
  const draw = (seed: number) => fewShot(train, test, randomStream(seed), { shots: 5 });
  const result = await draw(1);
  assertEquals(result, await draw(1));
  assert((await draw(2)).top1 !== result.top1);
  assertEquals(result.episodes.length, 100);
  assert(new Set(result.episodes).size > 5, "episodes differ");
  const mean = (values: Float64Array) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  assertAlmostEquals(mean(result.episodes), result.top1, 1e-9);
  assertAlmostEquals(100 * mean(result.shares), result.top1, 1e-9);
  const spread = Math.sqrt(
    result.episodes.reduce((sum, accuracy) => sum + (accuracy - result.top1) ** 2, 0) / 99,
  );
  assertAlmostEquals(result.high - result.low, 2 * 1.96 * spread / 10, 1e-9);
});

Deno.test("one shot of each class is the class mean of one image", async () => {
  // All images of a class are equal, so any draw gives the mean.
  const features = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1);
  const bank = { features, labels: Int32Array.of(0, 0, 1, 1), width: 2 };
  const queries = { features: Float32Array.of(3, 1, 3, 1), labels: Int32Array.of(0, 1), width: 2 };
  const { top1, shares } = await fewShot(bank, queries, randomStream(0), { shots: 1, episodes: 4 });
  assertEquals([top1, ...shares], [50, 1, 0]);
});

Deno.test("more shots do better", async () => {
  const accuracy = async (shots: number) =>
    (await fewShot(train, test, randomStream(0), { shots })).top1;
  const [single, five, ten] = [await accuracy(1), await accuracy(5), await accuracy(10)];
  assert(single < five && five < ten, `${single}, ${five}, ${ten}`);
});
