import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { groupInputs } from "../../../lib/engine/compiler/graph.ts";
import { AttributeType } from "../../../lib/engine/ffi/attributes.ts";
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

Deno.test("a list takes the inputs that single arguments leave, or as many as its attribute says", () => {
  const [single, list] = [{ count: 1, list: false }, (count: number) => ({ count, list: true })];
  const definition = (inputs: readonly { lengthAttribute?: string }[]) => ({
    inputs: inputs.map((input, i) => ({ name: `${i}`, ...input })),
    attributes: new Map<string, string>(),
    stateful: false,
  });
  const one = definition([{ lengthAttribute: "N" }, {}]);
  assertEquals(groupInputs(one, [], 4), [list(3), single]);
  assertEquals(groupInputs(definition([{}, { lengthAttribute: "N" }, {}]), [], 3), [
    single,
    list(1),
    single,
  ]);
  const two = definition([{ lengthAttribute: "M" }, {}, { lengthAttribute: "N" }]);
  const attributes = [
    { name: "N", type: AttributeType.int, value: 2 },
    { name: "M", type: AttributeType.int, value: 1 },
  ];
  assertEquals(groupInputs(two, attributes, 4), [list(1), single, list(2)]);
});

testWithTensorFlow("constants of equal numbers and different shapes stay apart", async () => {
  const x = tf.tensor2d([[3, 4]]);
  const compiled = compile(
    (x: tf.Tensor2D) => [
      tf.matMul(x, tf.tensor2d([[1], [2]])),
      tf.mul(x, tf.tensor2d([[1, 2]])),
      tf.matMul(x, tf.tensor2d([[1, 2]]), true),
    ],
    [x],
    { mode: "graph" },
  );
  const results = await compiled(x);
  assertEquals(results.map((tensor) => tensor.arraySync() as number[][]), [
    [[11]],
    [[3, 8]],
    [[3, 6], [4, 8]],
  ]);
  tf.dispose([x, results]);
  compiled.dispose();
});
