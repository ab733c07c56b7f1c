import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { knn } from "../../../lib/metrics/probes/knn.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import golden from "../../golden/metrics/knn.json" with { type: "json" };
import { labelled, width } from "../labelled_fixture.ts";

await startEngine();

for (const [name, expected] of Object.entries(golden)) {
  Deno.test(`knn equals brute force in double precision (${name})`, async () => {
    const [kind, k] = name.split(" ");
    const options = { k: Number(k), normalize: kind === "unit" };
    const result = await knn(labelled(500, 1), labelled(120, 2), options);
    assertEquals([...result.predictions].join(""), expected.predictions);
    assertAlmostEquals(result.top1, expected.top1, 1e-9);
  });
}

Deno.test("knn leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await knn(labelled(50, 1), labelled(10, 2));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("knn is perfect on separable data, with more neighbours than there are images", async () => {
  const labels = Int32Array.of(1000, 3, 1000, 3);
  const set = { features: Float32Array.of(1, 0, 0, 1, 0.9, 0.1, 0.1, 0.9), labels, width: 2 };
  const { top1, predictions } = await knn(set, set, { k: 200 });
  assertEquals([top1, ...predictions], [100, 1000, 3, 1000, 3]);
});

Deno.test("of equal votes the lowest class wins, and zero vectors are no error", async () => {
  const train = { features: Float32Array.of(1, 1), labels: Int32Array.of(2, 1), width: 1 };
  const test = { features: Float32Array.of(5, 0), labels: Int32Array.of(1, 1), width: 1 };
  assertEquals([...(await knn(train, test)).predictions], [1, 1]);
});

Deno.test("knn refuses features that do not fit", async () => {
  const set = labelled(10, 1);
  await assertRejects(() => knn(set, { ...set, width: 8 }), RangeError, "test features");
  const narrow = { features: new Float32Array(8), labels: new Int32Array(1), width: 8 };
  await assertRejects(() => knn(set, narrow), RangeError, "found width 16 (train) and 8 (test)");
  const empty = { features: new Float32Array(), labels: new Int32Array(), width: 16 };
  await assertRejects(() => knn(set, empty), RangeError, "at least one label");
});

Deno.test("test and train rows of many chunks are put together again", async () => {
  const train = labelled(8192 + 50, 1);
  const test = labelled(1024 + 20, 2);
  const { predictions } = await knn(train, test, { k: 1 });
  // A test image that is put among the train images, in the last chunk, finds itself.
  const copied = train.features.slice();
  copied.set(test.features.subarray(1030 * width, 1031 * width), 8200 * width);
  const labels = train.labels.slice();
  labels[8200] = 99;
  const result = await knn({ ...train, features: copied, labels }, test, { k: 1 });
  assertEquals(result.predictions[1030], 99);
  assert(predictions.every((label) => label < 7));
  const changed = result.predictions.filter((label, i) => label !== predictions[i]).length;
  assertLess(changed, 10);
});
