import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type Mode } from "../../../lib/engine/compiler/compile.ts";
import { disposeTree } from "../../../lib/engine/compiler/tree.ts";
import { testWithTensorFlow } from "../with_tensorflow_fixture.ts";

const modes: Mode[] = ["eager", "graph", "xla"];

for (const mode of modes) {
  testWithTensorFlow(`trees go in and come out in ${mode} mode`, async (t) => {
    const handles = t.liveHandles(), tensors = tf.memory().numTensors;
    const input = { list: [tf.scalar(1), tf.tensor1d([2, 3])], flag: tf.tensor1d([1, 0], "bool") };
    const counts = tf.tensor1d([5, 6], "int32");
    const outside = tf.scalar(9);
    const compiled = compile(
      (tree: typeof input, counts: tf.Tensor) => ({
        sum: tree.list[0]!.add(tree.list[1]!),
        same: [counts, counts, outside, tf.scalar(4)],
        nested: { flipped: tree.flag.logicalNot(), nothing: [] },
      }),
      [input, counts],
      { mode, name: "trees" },
    );
    assertEquals(compiled.mode, mode);
    assertEquals(compiled.operations, mode === "eager" ? 0 : 2);
    // The order of an object's entries does not matter.
    const reordered = { flag: input.flag, list: input.list };
    const result = await compiled(reordered, counts);
    assertEquals(result.sum.dataSync(), new Float32Array([3, 4]));
    assertEquals(result.same.map((tensor) => [...tensor.dataSync()]), [[5, 6], [5, 6], [9], [4]]);
    assertEquals(result.nested.flipped.dataSync(), new Uint8Array([0, 1]));
    assertEquals(result.nested.nothing, []);
    disposeTree(result); // the inputs are still the caller's
    assertEquals([...counts.dataSync(), ...outside.dataSync()], [5, 6, 9]);
    compiled.dispose();
    tf.dispose([input, counts, outside]);
    assertEquals([t.liveHandles(), tf.memory().numTensors], [handles, tensors]);
  });

  testWithTensorFlow(`constants keep their values in ${mode} mode`, async () => {
    const x = tf.scalar(2);
    const compiled = compile(
      (x: tf.Tensor) => [
        x.mul(tf.ones([50])).add(tf.zeros([2, 50])),
        x.mul(tf.range(0, 40)),
        x.div(tf.tensor1d([0, -0])), // equal numbers, but not the same
        x.mul(tf.tensor1d([NaN, 1, 1])),
        tf.ones([30], "bool"),
        tf.real(tf.complex(tf.ones([20]), tf.zeros([20]))),
      ],
      [x],
      { mode },
    );
    const values = (await compiled(x)).map((tensor) => {
      const values = Array.from(tensor.dataSync());
      tensor.dispose();
      return values;
    });
    assertEquals(values, [
      Array(100).fill(2),
      Array.from({ length: 40 }, (_, i) => 2 * i),
      [Infinity, -Infinity],
      [NaN, 2, 2],
      Array(30).fill(1),
      Array(20).fill(1),
    ]);
    compiled.dispose();
    x.dispose();
  });

  testWithTensorFlow(`custom gradients and nested tidies work in ${mode} mode`, async () => {
    // A gradient that nothing but the custom rule would give: 100 dy.
    const odd = tf.customGrad((x, save) => {
      (save as tf.GradSaveFunc)([x as tf.Tensor]);
      return {
        value: (x as tf.Tensor).square(),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => dy.mul(100).add(saved[0]!),
      };
    });
    const x = tf.tensor1d([1, 2]);
    const compiled = compile(
      (x: tf.Tensor) => tf.tidy(() => tf.grad((x) => tf.tidy(() => odd(x).mul(2).sum()))(x)),
      [x],
      { mode },
    );
    const result = await compiled(x);
    assertEquals(result.dataSync(), new Float32Array([201, 202]));
    compiled.dispose();
    tf.dispose([x, result]);
  });

  testWithTensorFlow(
    `an input that differs from the example is named in ${mode} mode`,
    async () => {
      const example = { weights: [tf.zeros([2, 3])] };
      const compiled = compile((tree: typeof example) => tree.weights[0]!.neg(), [example], {
        mode,
        name: "step",
      });
      const other = { weights: [tf.zeros([2, 4])] };
      const message = 'step: input "0.weights.0" is float32 [2, 4], but it was compiled for';
      await assertRejects(() => compiled(other), Error, message);
      const integer = { weights: [tf.zeros([2, 3], "int32")] };
      await assertRejects(() => compiled(integer), Error, "int32 [2, 3]");
      await assertRejects(() => compiled({ weights: [] }), Error, '"0.weights.0"');
      const more = { ...example, more: tf.scalar(0) };
      await assertRejects(() => compiled(more), Error, '"0.more"');
      compiled.dispose();
      tf.dispose([example, other, integer, more.more]);
    },
  );
}

/** A chain of large matrix products: a few hundred milliseconds of work. */
function longWork(x: tf.Tensor): tf.Tensor {
  let y = x;
  for (let i = 0; i < 12; i++) y = y.matMul(x).mul(1e-3);
  return y.sum();
}

testWithTensorFlow("timers fire while a compiled function runs", async () => {
  const x = tf.ones([1024, 1024]);
  const compiled = compile(longWork, [x]);
  (await compiled(x)).dispose();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 2);
  (await compiled(x)).dispose();
  clearInterval(timer);
  assertGreater(ticks, 5);
  compiled.dispose();
  x.dispose();
});

testWithTensorFlow("two calls may be under way at once, and inputs may go meanwhile", async (t) => {
  const handles = t.liveHandles();
  const ones = tf.ones([512, 512]), twos = tf.fill([512, 512], 2);
  const compiled = compile(longWork, [ones]);
  const expected = [ones, twos].map((x) => tf.tidy(() => longWork(x).dataSync()[0]));
  const calls = [compiled(ones), compiled(twos), compiled(ones)];
  tf.dispose([ones, twos]);
  compiled.dispose(); // frees the function when the last call is done
  const results = await Promise.all(calls);
  const values = results.map((result) => result.dataSync()[0]);
  assertEquals(values, [expected[0], expected[1], expected[0]]);
  tf.dispose(results);
  assertEquals(t.liveHandles(), handles);
});

testWithTensorFlow("many calls among eager ops and garbage collections agree", async (t) => {
  const x = tf.tensor1d([1, 2, 3]);
  x.neg().dispose();
  const handles = t.liveHandles(), tensors = tf.memory().numTensors;
  const functions = [1, 2, 3].map((factor) =>
    compile((x: tf.Tensor) => x.mul(factor).sum(), [x], { mode: factor === 2 ? "xla" : "graph" })
  );
  for (let round = 0; round < 20; round++) {
    const calls = functions.flatMap((run) => [run(x), run(x), run(x)]);
    for (let i = 0; i < 200; i++) x.add(i).dispose();
    const garbage = Array.from({ length: 20 }, () => new Uint8Array(100_000));
    assertEquals(garbage.length, 20);
    const results = await Promise.all(calls);
    assertEquals(results.map((result) => result.dataSync()[0]), [6, 6, 6, 12, 12, 12, 18, 18, 18]);
    tf.dispose(results);
  }
  functions.forEach((run) => run.dispose());
  assertEquals([t.liveHandles(), tf.memory().numTensors], [handles, tensors]);
  x.dispose();
});

testWithTensorFlow(
  "a failing call rejects, leaves nothing, and does not disturb the next",
  async (t) => {
    const x = tf.tensor1d([1, 2, 3]), good = tf.scalar(1, "int32"), bad = tf.scalar(7, "int32");
    const compiled = compile(
      (x: tf.Tensor, index: tf.Tensor) => x.gather(index as tf.Scalar),
      [x, good],
      { name: "pick" },
    );
    (await compiled(x, good)).dispose();
    tf.dispose([x.neg(), bad.neg()]);
    const handles = t.liveHandles(), tensors = tf.memory().numTensors;
    const [failed, fine] = await Promise.allSettled([compiled(x, bad), compiled(x, good)]);
    assertEquals(failed.status, "rejected");
    assert(
      failed.status === "rejected" && /pick.*float32 \[3\], int32 \[\]/.test(`${failed.reason}`),
    );
    assert(fine.status === "fulfilled" && fine.value.dataSync()[0] === 2);
    fine.value.dispose();
    assertEquals([t.liveHandles(), tf.memory().numTensors], [handles, tensors]);
    compiled.dispose();
    tf.dispose([x, good, bad]);
  },
);

testWithTensorFlow("functions that do not return tensors are refused", () => {
  const x = tf.scalar(1);
  const asynchronous = (async (x: tf.Tensor) => await x) as unknown as (x: tf.Tensor) => tf.Tensor;
  assertThrows(() => compile(asynchronous, [x]), Error, "a promise");
  const number = (() => 3) as unknown as (x: tf.Tensor) => tf.Tensor;
  assertThrows(() => compile(number, [x]), Error, "expected a tensor");
  x.dispose();
});
