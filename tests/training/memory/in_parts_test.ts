/** Functions of images that take a batch in parts. */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { inParts } from "../../../lib/training/memory/in_parts.ts";

await startEngine();

const images = () => tf.tensor4d([1, 2, 3, 4, 5, 6], [6, 1, 1, 1]);

Deno.test("parts follow one another, and trees are joined in order", async () => {
  const before = tf.memory().numTensors;
  const seen: number[][] = [], whole = images();
  const compute = (part: tf.Tensor4D) => {
    seen.push([...part.dataSync()]);
    return Promise.resolve(tf.tidy(() => {
      const flat = tf.reshape(part, [-1]);
      return { same: flat, nested: { pairs: tf.stack([flat, tf.neg(flat)], 1) } };
    }));
  };
  const { same, nested } = await inParts(compute, 3)(whole);
  assertEquals(seen, [[1, 2], [3, 4], [5, 6]]);
  assertEquals([...same.dataSync()], [1, 2, 3, 4, 5, 6]);
  assertEquals([nested.pairs.shape, nested.pairs.dataSync()[9]], [[6, 2], -5]);
  tf.dispose([whole, same, nested]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("one part is the function itself, and an error frees the parts before it", async () => {
  const compute = (part: tf.Tensor4D) => Promise.resolve({ same: tf.clone(part) });
  assertStrictEquals(inParts(compute, 1), compute);
  const before = tf.memory().numTensors, whole = images();
  let calls = 0;
  const failing = inParts((part) => {
    if (++calls === 2) return Promise.reject(new Error("no more"));
    return compute(part);
  }, 3);
  await assertRejects(() => failing(whole), Error, "no more");
  whole.dispose();
  assertEquals(tf.memory().numTensors, before);
});
