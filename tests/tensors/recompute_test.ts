/** Computing twice: the same gradients, of nothing but the inputs, and only once the gradient is there. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../lib/engine/compiler/compile.ts";
import { after, recompute } from "../../lib/tensors/recompute.ts";
import { assertClose } from "../golden_values_fixture.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";

/** `tanh(x w) · c`, twice over, whole or in two parts that are computed twice. */
function loss(x: tf.Tensor2D, w: tf.Tensor2D, unused: tf.Tensor1D, twice: boolean): tf.Scalar {
  const layer = ({ activations: { x }, parameters: { w }, constants: { c } }: {
    activations: { x: tf.Tensor2D };
    parameters: { w: tf.Tensor2D; unused: tf.Tensor1D };
    constants: { c: tf.Tensor1D };
  }) => tf.mul<tf.Tensor2D>(tf.tanh(tf.matMul(x, w)), c);
  const c = tf.tensor1d([0.5, 2]);
  const inputs = (x: tf.Tensor2D) => ({
    activations: { x },
    parameters: { w, unused },
    constants: { c },
  });
  const run = (x: tf.Tensor2D) => twice ? recompute(layer, inputs(x)) : layer(inputs(x));
  return tf.sum(tf.square(run(run(x)))) as tf.Scalar;
}

function gradients(twice: boolean) {
  return (x: tf.Tensor2D, w: tf.Tensor2D, unused: tf.Tensor1D) =>
    tf.grads((x, w, unused) =>
      tf.add(loss(x as tf.Tensor2D, w as tf.Tensor2D, unused as tf.Tensor1D, twice), tf.sum(unused))
    )([x, w, unused]);
}

const x = () => tf.tensor2d([[0.3, -0.7], [1.1, 0.2], [-0.4, 0.9]]);
const w = () => tf.tensor2d([[0.8, -0.5], [0.25, 0.6]]);

Deno.test("gradients are those of the plain function, and nothing stays behind", () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const inputs = [x(), w(), tf.tensor1d([1])] as const;
    const plain = gradients(false)(...inputs), found = gradients(true)(...inputs);
    plain.forEach((expected, i) => assertClose(found[i]!, expected.dataSync(), 1e-6, `input ${i}`));
  });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("gradients agree with finite differences", () => {
  tf.tidy(() => {
    const unused = tf.tensor1d([1]), weights = [...w().dataSync()];
    const [, slope] = gradients(true)(x(), w(), unused);
    const at = (i: number, step: number) => {
      const moved = weights.map((weight, k) => weight + (k === i ? step : 0));
      return loss(x(), tf.tensor2d(moved, [2, 2]), unused, true).dataSync()[0]!;
    };
    const expected = weights.map((_, i) => (at(i, 1e-2) - at(i, -1e-2)) / 2e-2);
    assertClose(slope!, expected, 2e-3);
  });
});

for (const mode of ["graph", "xla"] as const) {
  testWithTensorFlow(`gradients are the same in ${mode} mode`, async () => {
    const inputs = [x(), w(), tf.tensor1d([1])] as const;
    const compiled = compile(gradients(true), [...inputs], { mode });
    const found = await compiled(...inputs), expected = gradients(false)(...inputs);
    expected.forEach((one, i) => assertClose(found[i]!, one.dataSync(), 1e-6, `input ${i}`));
    compiled.dispose();
    tf.dispose([...inputs, ...found, ...expected]);
  });
}

Deno.test("the second computation waits for the gradient, which only a number that is none shows", () => {
  const seen: number[] = [];
  tf.tidy(() => {
    const run = (x: tf.Tensor) =>
      recompute(({ activations: { x } }) => {
        seen.push(x.dataSync()[0]!);
        return tf.square(x);
      }, { activations: { x }, parameters: {}, constants: {} });
    const slope = tf.grad(run);
    assertEquals([...slope(tf.tensor1d([3, 4]), tf.tensor1d([1, 1])).dataSync()], [6, 8]);
    slope(tf.tensor1d([3, 4]), tf.tensor1d([NaN, 1]));
  });
  assertEquals(seen, [3, 3, 3, 4]);
});

Deno.test("what waits is as it was, and so is its gradient", () => {
  tf.tidy(() => {
    const signal = tf.tensor2d([[5, NaN]]), values = tf.tensor1d([2, -1]);
    assertEquals([...after(values, signal).dataSync()], [2, -1]);
    assertEquals([...after(values, tf.tensor1d([NaN])).dataSync()], [3, 0]);
    const slopes = tf.grads((values, signal) => after(values!, signal!));
    const [ofValues, ofSignal] = slopes([values, signal], tf.tensor1d([7, 8]));
    assertEquals([...ofValues!.dataSync()], [7, 8]);
    assertEquals([ofSignal!.shape, [...ofSignal!.dataSync()]], [[1, 2], [0, 0]]);
    const [, waiting] = slopes([values, signal], tf.tensor1d([NaN, 8]));
    assertEquals([...waiting!.dataSync()], [1, 1]);
  });
});
