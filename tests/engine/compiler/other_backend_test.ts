import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { hideBanner } from "../../../lib/engine/tfjs/banner.ts";
import { compile } from "../../../lib/engine/compiler/compile.ts";

Deno.test("on another backend a compiled function runs op by op", async () => {
  await tf.setBackend("cpu");
  hideBanner();
  const x = tf.tensor1d([1, 2, 3]);
  const tensors = tf.memory().numTensors;
  const slope = compile(
    (x: tf.Tensor) => ({ slope: tf.grad((x) => x.square().sum())(x), x }),
    [x],
    { mode: "xla", precision: "bfloat16" },
  );
  assertEquals(slope.mode, "eager");
  const result = await slope(x);
  assertEquals(result.slope.dataSync(), new Float32Array([2, 4, 6]));
  tf.dispose(result);
  assertEquals(x.dataSync(), new Float32Array([1, 2, 3]));
  assertEquals(tf.memory().numTensors, tensors);
  await assertRejects(() => slope(tf.scalar(1)), Error, 'input "0"');
  slope.dispose();
  tf.disposeVariables();
});
