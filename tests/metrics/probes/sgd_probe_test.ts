import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { imageMetrics } from "../../../lib/metrics/probes/image_metrics.ts";
import { sgdProbe } from "../../../lib/metrics/probes/sgd_probe.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { labelled, numbers, width } from "../labelled_fixture.ts";

await startEngine();
const [train, test] = [labelled(500, 1), labelled(120, 2)];

Deno.test("small steps and L-BFGS agree within half a point on an easy set", async () => {
  const easy = (seed: number) => {
    const { features, labels } = labelled(seed === 1 ? 600 : 2000, seed);
    const centres = numbers(7 * width, 3);
    const label = (i: number) => labels[Math.floor(i / width)]!;
    const moved = features.map((value, i) => value + 0.5 * centres[label(i) * width + i % width]!);
    return { features: moved, labels, width };
  };
  const [fit, queries] = [easy(1), easy(2)];
  let lbfgs = NaN;
  for await (const { value } of imageMetrics(fit, queries)("logistic")) lbfgs = value;
  const options = { batchSize: 128, epochs: 20, rates: [0.1, 1, 10], decays: [1e-6, 1e-4] };
  const before = tf.memory().numTensors;
  const { top1 } = await sgdProbe(fit, queries, randomStream(0), options);
  assertEquals(tf.memory().numTensors, before);
  console.log(`L-BFGS ${lbfgs.toFixed(2)} %, small steps ${top1.toFixed(2)} %`);
  assert(lbfgs > 85 && lbfgs < 100 && Math.abs(top1 - lbfgs) <= 0.5, `${top1} and ${lbfgs}`);
});

Deno.test("small steps that never stay finite are refused", async () => {
  const huge = { ...train, features: train.features.map((value) => value * 1e19) };
  await assertRejects(
    () => sgdProbe(huge, test, randomStream(0), { rates: [1e20], epochs: 2, normalize: false }),
    UserError,
    "lower rates",
  );
});

/** Steps of momentum 0.9 on one number and two classes, the whole set in each batch, in doubles. */
function stepsByHand(x: readonly number[], labels: readonly number[], rate: number, decay: number) {
  const w = [0, 0], b = [0, 0], dw = [0, 0], db = [0, 0], epochs = 3;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const now = rate * [1, 0.75, 0.25][epoch]!;
    const slopes = [[0, 0], [0, 0]];
    x.forEach((value, i) => {
      const e = [0, 1].map((k) => Math.exp(w[k]! * value + b[k]!)), sum = e[0]! + e[1]!;
      for (const k of [0, 1]) {
        const error = (e[k]! / sum - Number(labels[i] === k)) / x.length;
        slopes[0]![k]! += error * value;
        slopes[1]![k]! += error;
      }
    });
    for (const k of [0, 1]) {
      dw[k] = 0.9 * dw[k]! + slopes[0]![k]! + decay * w[k]!;
      db[k] = 0.9 * db[k]! + slopes[1]![k]!;
      w[k]! -= now * dw[k]!;
      b[k]! -= now * db[k]!;
    }
  }
  return { w, b };
}

Deno.test("three steps by hand: momentum, a rate that falls by a cosine, biases that do not decay", async () => {
  const x = [1, 2, -1, 3, 0.5, -2, 1.5, 2.5, -0.5, 0.25];
  const labels = x.map((value, i) => Number(value + 0.3 * i > 2));
  const set = { features: Float32Array.from(x), labels: Int32Array.from(labels), width: 1 };
  const options = { rates: [0.7], decays: [0.5], epochs: 3, batchSize: 99, normalize: false };
  const { model } = await sgdProbe(set, set, randomStream(0), options);
  const { w, b } = stepsByHand(x, labels, 0.7, 0.5);
  for (const k of [0, 1]) {
    assertAlmostEquals(model.weight[k]!, w[k]!, 1e-5);
    assertAlmostEquals(model.bias[k]!, b[k]!, 1e-5);
  }
});
