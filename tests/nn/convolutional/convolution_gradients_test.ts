/** Gradients against central differences in double precision; tolerance 1e-4 of sums of some hundred terms. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { gradientsBy } from "../../../lib/nn/convolutional/differentiable_convolution.ts";
import {
  nativeConvolution,
  nativeDepthwise,
} from "../../../lib/nn/convolutional/native_convolution.ts";
import { mapMean } from "../../../lib/nn/convolutional/network.ts";
import { plainConvolution } from "../../../lib/nn/convolutional/plain_convolution.ts";
import { testWithTensorFlow } from "../../engine/with_tensorflow_fixture.ts";
import {
  arraysOf,
  batch,
  type Case,
  gradientOf,
  inputs,
  outputSize,
  outputsOf,
  weightsOf,
} from "./gradients_fixture.ts";

await startEngine();

type Convolution = (x: tf.Tensor4D, w: tf.Tensor4D, bias: tf.Tensor1D, options: Case) => tf.Tensor;

/** As the networks run it. */
const native: Convolution = (x, weight, bias, { depthwise, ...options }) =>
  depthwise
    ? nativeDepthwise({ weight, bias }, x, options)
    : nativeConvolution({ weight, bias }, x, options);

/** As engines run it that have no kernels of gradients. */
const plain: Convolution = (x, w, bias, { activation, ...options }) => {
  const sum = tf.add(plainConvolution(x, w, { ...options, pad: "same" }), bias);
  return activation === "linear" ? sum : activation === "relu" ? tf.relu(sum) : tf.relu6(sum);
};

async function checkGradients(convolution: Convolution, options: Case) {
  const { size, kernel, depthwise } = options, outputs = outputsOf(options);
  const side = outputSize(options), { x, w, bias } = arraysOf(options);
  const tensors = tf.tidy(() => {
    const weights = tf.tensor4d(Float32Array.from(weightsOf(options)), [
      batch,
      side,
      side,
      outputs,
    ]);
    const sum = (x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor) => {
      const map = convolution(x as tf.Tensor4D, w as tf.Tensor4D, bias as tf.Tensor1D, options);
      return tf.sum(tf.mul(map, weights));
    };
    return tf.grads(sum)([
      tf.tensor4d(Float32Array.from(x), [batch, size, size, inputs]),
      tf.tensor4d(Float32Array.from(w), [kernel, kernel, inputs, depthwise ? 1 : outputs]),
      tf.tensor1d(Float32Array.from(bias)),
    ]);
  });
  for (const [i, name] of (["x", "w", "bias"] as const).entries()) {
    const values = await tensors[i]!.data();
    const expected = gradientOf(name, options);
    assertEquals(values.length, expected.length);
    expected.forEach((value, at) => assertAlmostEquals(values[at]!, value, 1e-4));
  }
  tf.dispose(tensors);
}

const usual: Case = {
  ...{ size: 5, kernel: 3, stride: 1, dilation: 1, padding: "same", depthwise: false },
  activation: "relu6",
};
const cases: Partial<Case>[] = [
  {},
  { kernel: 1 },
  { kernel: 1, activation: "linear" },
  { kernel: 1, stride: 2 },
  { activation: "relu" },
  { stride: 2, size: 6 },
  { depthwise: true },
  { depthwise: true, stride: 2, size: 6 },
  { depthwise: true, activation: "linear" },
];
const nativeCases: Partial<Case>[] = [
  { stride: 2, size: 6, padding: "symmetric" },
  { depthwise: true, dilation: 2 },
];

for (const change of [...cases, ...nativeCases]) {
  Deno.test(`the gradient of a convolution: ${JSON.stringify(change)}`, () =>
    checkGradients(native, { ...usual, ...change }));
}
for (const change of cases) {
  Deno.test(`the gradient by products of shifted maps: ${JSON.stringify(change)}`, () =>
    checkGradients(plain, { ...usual, ...change }));
}

Deno.test("products of shifted maps fill a filter that fits with no zeros around", async () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const options = { stride: 1, pad: "valid", depthwise: true } as const;
  const map = plainConvolution(x, tf.ones([2, 2, 1, 1]), options);
  assertEquals([map.shape, [...await map.data()]], [[1, 2, 2, 1], [12, 16, 24, 28]]);
  tf.dispose([x, map]);
});

testWithTensorFlow("TensorFlow's own kernels serve, whether or not a gradient is recorded", () => {
  const seen: string[] = [gradientsBy()];
  tf.tidy(() =>
    tf.grad((x) => {
      seen.push(gradientsBy());
      return tf.square(x);
    })(tf.scalar(1))
  );
  assertEquals(seen, ["kernels", "kernels"]);
});

Deno.test("the gradient of a map's mean is spread evenly over its places", async () => {
  const gradient = tf.tidy(() => {
    const weights = tf.tensor3d([6, 12], [1, 1, 2]);
    const sum = (x: tf.Tensor) => tf.sum(tf.mul(mapMean(x as tf.Tensor4D), weights));
    return tf.grad(sum)(tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 3, 2]));
  });
  assertEquals([...await gradient.data()], [2, 4, 2, 4, 2, 4]);
  gradient.dispose();
});
