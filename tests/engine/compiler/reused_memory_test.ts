/** Inputs that a compiled function takes over. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type Mode } from "../../../lib/engine/compiler/compile.ts";
import { testWithTensorFlow } from "../with_tensorflow_fixture.ts";

/** Two means of a stream of numbers, and what is left of the newest one. */
function next(means: { long: tf.Tensor1D; short: tf.Tensor1D }, newest: tf.Tensor1D) {
  const blend = (mean: tf.Tensor1D, share: number) =>
    tf.add<tf.Tensor1D>(tf.mul(mean, 1 - share), tf.mul(newest, share));
  const long = blend(means.long, 0.25), short = blend(means.short, 0.5);
  // The order of the outputs is not that of the inputs, and one output more has the shape.
  return { count: tf.scalar(1), short, long, rest: tf.sub<tf.Tensor1D>(newest, means.short) };
}

const modes: Mode[] = ["eager", "graph", "xla"];

for (const mode of modes) {
  testWithTensorFlow(
    `a call takes over its first inputs and gives the same in ${mode} mode`,
    async (t) => {
      const handles = t.liveHandles();
      let means = { long: tf.tensor1d([4, 8]), short: tf.tensor1d([2, 6]) };
      const newest = tf.tensor1d([0, 4]);
      const compiled = compile(next, [means, newest], { mode, reuse: 1 });
      for (
        const expected of [{ long: [3, 7], short: [1, 5], rest: [-2, -2] }, {
          long: [2.25, 6.25],
          short: [0.5, 4.5],
          rest: [-1, -1],
        }]
      ) {
        const { count, rest, ...following } = await compiled(means, newest);
        assert(means.long.isDisposed && means.short.isDisposed);
        assert(!newest.isDisposed);
        const found = { ...following, rest };
        for (const name of ["long", "short", "rest"] as const) {
          assertEquals([...await found[name].data()], expected[name], name);
        }
        tf.dispose([count, rest]);
        means = following;
      }
      compiled.dispose();
      tf.dispose([means, newest]);
      assertEquals(t.liveHandles(), handles);
    },
  );

  testWithTensorFlow(
    `what somebody else still holds is not written over in ${mode} mode`,
    async () => {
      const means = { long: tf.tensor1d([4, 8]), short: tf.tensor1d([2, 6]) };
      const newest = tf.tensor1d([0, 4]), held = means.long.clone();
      const compiled = compile(next, [means, newest], { mode, reuse: 1 });
      const result = await compiled(means, newest);
      assertEquals([[...await held.data()], [...await result.long.data()]], [[4, 8], [3, 7]]);
      compiled.dispose();
      tf.dispose([held, newest, result]);
    },
  );
}

testWithTensorFlow("numbers lie where they lay before", async ({ binding }) => {
  const addressOf = (tensor: tf.Tensor): bigint => {
    const { c, status } = binding.runtime;
    const [id] = (tf.backend() as unknown as { getInputTensorIds(of: tf.Tensor[]): number[] })
      .getInputTensorIds([tensor]);
    const host = c.TFE_TensorHandleResolve(binding.runtime.get(id!).pointer, status);
    const address = Deno.UnsafePointer.value(c.TF_TensorData(host));
    c.TF_DeleteTensor(host);
    return address;
  };
  const means = { long: tf.zeros<tf.Rank.R1>([1000]), short: tf.ones<tf.Rank.R1>([1000]) };
  const newest = tf.ones<tf.Rank.R1>([1000]);
  // Large enough to be no constant of the graph, and made by an op.
  const made = tf.tidy(() => ({
    long: tf.add<tf.Tensor1D>(means.long, 1),
    short: tf.add<tf.Tensor1D>(means.short, 1),
  }));
  const compiled = compile(next, [made, newest], { mode: "xla", reuse: 1 });
  const before = [made.long, made.short].map(addressOf).sort();
  const { long, short, rest, count } = await compiled(made, newest);
  const after = [long, short, rest].map(addressOf);
  // On a graphics card these are copies on the host.
  if (!binding.isUsingGpuDevice()) assert(before.every((address) => after.includes(address)));
  compiled.dispose();
  tf.dispose([means, newest, long, short, rest, count]);
});

testWithTensorFlow("inputs of another shape are refused and stay the caller's", async () => {
  const means = { long: tf.tensor1d([4, 8]), short: tf.tensor1d([2, 6]) };
  const newest = tf.tensor1d([0, 4]), other = { ...means, short: tf.tensor1d([1]) };
  const compiled = compile(next, [means, newest], { mode: "xla", reuse: 1 });
  await assertRejects(() => compiled(other, newest), Error, "was compiled for");
  assertEquals([...await means.long.data()], [4, 8]);
  compiled.dispose();
  tf.dispose([means, other.short, newest]);
});
