import { assert, assertEquals, assertRejects } from "@std/assert";
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
