import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { attributeFacts, GraphDigest } from "../../../lib/engine/compiler/graph_digest.ts";
import { DataType } from "../../../lib/engine/ffi/data_types.ts";
import { testWithTensorFlow } from "../with_tensorflow_fixture.ts";

/** A graph of one input and one op that has these facts and takes the input so often. */
function digestOf({ facts = [], times = 1, twoOutputs = false, swapped = false, ofFunction = [] }: {
  readonly facts?: readonly unknown[];
  readonly times?: number;
  readonly twoOutputs?: boolean;
  readonly swapped?: boolean;
  readonly ofFunction?: readonly unknown[];
} = {}): string {
  const digest = new GraphDigest<object>(), input = {}, outputs = [{}, {}];
  digest.add("Placeholder", [], [], [input]);
  digest.add("Op", facts, Array(times).fill(input), outputs);
  const taken = twoOutputs ? outputs : outputs.slice(0, 1);
  return digest.end([input], swapped ? taken.toReversed() : taken, ofFunction);
}

Deno.test("graphs that are built alike have one digest", () => {
  assertEquals(digestOf(), digestOf());
  const facts = () => attributeFacts([{ name: "shape", type: 5, value: [2, 3] }]);
  assertEquals(digestOf({ facts: facts() }), digestOf({ facts: facts() }));
});

Deno.test("whatever sets graphs apart sets their digests apart", () => {
  const values: unknown[] = [
    ...[0, -0, 1, NaN, Infinity, -Infinity, 1n, "1", "", true, null, undefined, [], [[]], [1], [
      "1",
    ]],
    ...[[1, 2], [12], "[1]", new Uint8Array([1, 3]), 2 ** 53, 2n ** 60n],
  ];
  const digests = [
    ...values.map((value) => digestOf({ facts: [value] })),
    ...values.map((value) => digestOf({ facts: attributeFacts([{ name: "a", type: 1, value }]) })),
    digestOf(),
    digestOf({ times: 2 }),
    digestOf({ twoOutputs: true }),
    digestOf({ twoOutputs: true, swapped: true }),
    digestOf({ ofFunction: [true] }),
    digestOf({ ofFunction: [false] }),
  ];
  assertEquals(new Set(digests).size, digests.length);
});

Deno.test("constants are told apart by type, shape and every value", () => {
  const digestOf = (shape: number[], dtype: number, values: unknown) => {
    const digest = new GraphDigest<object>(), node = {};
    digest.addValues(shape, dtype, values);
    digest.add("Const", [], [], [node]);
    return digest.end([], [node], []);
  };
  const bytes = (...texts: string[]) => texts.map((text) => new TextEncoder().encode(text));
  const digests = [
    digestOf([2], DataType.float32, [0, 1]),
    digestOf([2], DataType.float32, [-0, 1]),
    digestOf([2], DataType.float32, [0, NaN]),
    digestOf([2, 1], DataType.float32, [0, 1]),
    digestOf([2], DataType.int32, [0, 1]),
    digestOf([2], DataType.string, bytes("ab", "c")),
    digestOf([2], DataType.string, bytes("a", "bc")),
  ];
  assertEquals(new Set(digests).size, digests.length);
  assertEquals(digestOf([2], DataType.float32, new Float32Array([0, 1])), digests[0]);
});

Deno.test("a node of another graph has no place in a digest", () => {
  const digest = new GraphDigest<object>();
  assertThrows(() => digest.end([{}], [], []), Error, "another graph");
});

testWithTensorFlow("what was compiled of one function is not taken for another", async () => {
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  const functions = [
    (x: tf.Tensor2D) => tf.matMul(x, x),
    (x: tf.Tensor2D) => tf.matMul(x, x, true), // another attribute
    (x: tf.Tensor2D) => tf.sub(tf.neg(x), x),
    (x: tf.Tensor2D) => (([y, x]) => tf.sub(x!, y!))([tf.neg(x), x]), // other inputs
    (x: tf.Tensor2D) => tf.matMul(x, tf.tensor2d([[1, 0], [0, 1]])),
    (x: tf.Tensor2D) => tf.matMul(x, tf.tensor2d([[1, 0], [0, 2]])), // another constant
    (x: tf.Tensor2D) => tf.split(tf.matMul(x, x), 2, 0)[0]!,
    (x: tf.Tensor2D) => tf.split(tf.matMul(x, x), 2, 0)[1]!, // another output
  ];
  for (const fn of functions) {
    const compiled = compile(fn, [x], { mode: "xla", name: "same" });
    const [found, expected] = [await compiled(x), fn(x)];
    assertEquals([...found.dataSync()], [...expected.dataSync()], `${fn}`);
    tf.dispose([found, expected]);
    compiled.dispose();
  }
  x.dispose();
});

testWithTensorFlow("a function is compiled once, however often it is made", async (t) => {
  const { runtime } = t.binding, named: string[] = [];
  const nameFunction = runtime.nameFunction;
  runtime.nameFunction = (title) => {
    named.push(nameFunction.call(runtime, title));
    return named.at(-1)!;
  };
  try {
    const x = tf.tensor1d([1, 2, 3]);
    const times = (factor: number) =>
      compile((x: tf.Tensor) => tf.mul(x, factor), [x], { mode: "xla", name: "times" });
    const result = async (factor: number) => {
      const compiled = times(factor);
      const product = await compiled(x), values = [...product.dataSync()];
      product.dispose();
      compiled.dispose();
      return values;
    };
    // Of equal shapes, so that a name that only counts would find what was compiled of the other.
    assertEquals(await result(2), [2, 4, 6]);
    assertEquals(await result(3), [3, 6, 9]);
    assertEquals(await result(2), [2, 4, 6]);
    const [two, three, again] = named;
    assertEquals(again, two);
    assertNotEquals(three, two);
    const both = [times(2), times(2)];
    assertNotEquals(named.at(-1), named.at(-2));
    both[0]!.dispose();
    const product = await both[1]!(x);
    assertEquals([...product.dataSync()], [2, 4, 6]);
    both[1]!.dispose();
    tf.dispose([x, product]);
  } finally {
    runtime.nameFunction = nameFunction;
  }
});
