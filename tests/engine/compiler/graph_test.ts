import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { testWithTensorFlow } from "../with_tensorflow_fixture.ts";

testWithTensorFlow("each output of an op is its own", async () => {
  const x = tf.tensor1d([3, 1, 7, 5]);
  const compiled = compile(
    (x: tf.Tensor1D) => {
      const { values, indices } = tf.topk(x, 2);
      return [values, indices, ...tf.split(x, 2)];
    },
    [x],
  );
  const results = await compiled(x);
  assertEquals(results.map((tensor) => [...tensor.dataSync()]), [[7, 5], [2, 3], [3, 1], [7, 5]]);
  tf.dispose([x, results]);
  compiled.dispose();
});

testWithTensorFlow("what a function took from outside goes with it, once", async (t) => {
  const { runtime } = t.binding, { release } = runtime;
  let released = 0;
  runtime.release = (pointer) => {
    released++;
    release.call(runtime, pointer);
  };
  try {
    const x = tf.scalar(1), outside = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])] as const;
    for (const tensor of outside) tensor.neg().dispose();
    const compiled = compile((x: tf.Tensor) => x.add(outside[0]).add(outside[1]), [x]);
    (await compiled(x)).dispose();
    assertEquals(released, 0);
    compiled.dispose();
    compiled.dispose();
    assertEquals(released, 2);
    tf.dispose([x, ...outside]);
  } finally {
    runtime.release = release;
  }
});
