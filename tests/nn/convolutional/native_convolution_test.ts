/** Against sums that are written out in double precision; tolerance 1e-5. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import {
  convolutionParameters,
  nativeConvolution,
  nativeDepthwise,
} from "../../../lib/nn/convolutional/native_convolution.ts";
import type { Case as ActivatedCase } from "./gradients_fixture.ts";

await startEngine();

const wave = (length: number, frequency: number) =>
  Float32Array.from({ length }, (_, at) => Math.sin(at * frequency + 1));

type Case = Omit<ActivatedCase, "activation">;
const INPUTS = 2;
const OUTPUTS = 3;

/** One output after the other, by the definition. */
function bySums(x: Float32Array, w: Float32Array, bias: Float32Array, options: Case): number[] {
  const { size, kernel, stride, dilation, padding, depthwise } = options;
  const reach = (kernel - 1) * dilation + 1;
  const outSize = Math.ceil(size / stride);
  const before = padding === "symmetric"
    ? (reach - 1) / 2
    : Math.floor(Math.max((outSize - 1) * stride + reach - size, 0) / 2);
  const outputs = depthwise ? INPUTS : OUTPUTS;
  const results: number[] = [];
  for (let at = 0; at < outSize * outSize * outputs; at++) {
    const out = at % outputs;
    const row = Math.floor(at / outputs / outSize) * stride - before;
    const column = Math.floor(at / outputs) % outSize * stride - before;
    let sum = bias[out] ?? 0;
    for (let k = 0; k < kernel * kernel * INPUTS; k++) {
      const channel = k % INPUTS;
      const i = Math.floor(k / INPUTS / kernel);
      const j = Math.floor(k / INPUTS) % kernel;
      const [y, z] = [row + i * dilation, column + j * dilation];
      if (y < 0 || z < 0 || y >= size || z >= size || (depthwise && channel !== out)) continue;
      const weight = w[depthwise ? k : k * OUTPUTS + out] ?? 0;
      sum += weight * (x[(y * size + z) * INPUTS + channel] ?? 0);
    }
    results.push(sum);
  }
  return results;
}

const plain = { size: 6, kernel: 3, stride: 1, dilation: 1, padding: "same", depthwise: false };
const cases: Partial<Case>[] = [
  {},
  { kernel: 1 },
  { stride: 2 },
  { stride: 2, size: 7 },
  { stride: 2, padding: "symmetric" },
  { stride: 2, padding: "symmetric", size: 7 },
  { padding: "symmetric" },
  { depthwise: true },
  { depthwise: true, stride: 2 },
  { depthwise: true, stride: 2, size: 7 },
  { depthwise: true, dilation: 2 },
  { depthwise: true, dilation: 2, size: 3 },
];
for (const change of cases) {
  Deno.test(`equals the written-out sum: ${JSON.stringify(change)}`, async () => {
    const options = { ...plain, ...change } as Case;
    const { size, kernel, stride, dilation, padding, depthwise } = options;
    const outputs = depthwise ? INPUTS : OUTPUTS;
    const pixels = wave(size * size * INPUTS, 0.7);
    const shape = depthwise ? [kernel, kernel, INPUTS, 1] : [kernel, kernel, INPUTS, OUTPUTS];
    const data = wave(shape.reduce((product, length) => product * length, 1), 1.3);
    const bias = wave(outputs, 2.1);
    const parameters = convolutionParameters({ shape, data }, bias);
    const images = tf.tensor4d(pixels, [1, size, size, INPUTS]);
    const map = depthwise
      ? nativeDepthwise(parameters, images, { stride, dilation })
      : nativeConvolution(parameters, images, { stride, padding });
    const outSize = Math.ceil(size / stride);
    assertEquals(map.shape, [1, outSize, outSize, outputs]);
    const values = await map.data();
    bySums(pixels, data, bias, options).forEach((value, at) =>
      assertAlmostEquals(values[at] ?? NaN, value, 1e-5)
    );
    tf.dispose([images, map, parameters.weight, parameters.bias]);
  });
}

Deno.test("activations come last", async () => {
  const parameters = convolutionParameters(
    { shape: [1, 1, 1, 1], data: Float32Array.of(2) },
    Float32Array.of(1),
  );
  const images = tf.tensor4d([-3, 1, 9], [1, 1, 3, 1]);
  for (const [activation, expected] of [["relu", [0, 3, 19]], ["relu6", [0, 3, 6]]] as const) {
    for (const convolution of [nativeConvolution, nativeDepthwise]) {
      const map = convolution(parameters, images, { activation });
      assertEquals([...await map.data()], [...expected]);
      map.dispose();
    }
  }
  tf.dispose([images, parameters.weight, parameters.bias]);
});

Deno.test("symmetric padding of an oblong kernel keeps the size of the image", () => {
  const parameters = convolutionParameters(
    { shape: [1, 3, 1, 1], data: Float32Array.of(1, 10, 100) },
    Float32Array.of(0),
  );
  const row = tf.tensor4d([1, 2, 3, 4], [1, 1, 4, 1]);
  const result = nativeConvolution(parameters, row, { padding: "symmetric" });
  assertEquals(result.shape, [1, 1, 4, 1]);
  assertEquals([...result.dataSync()], [210, 321, 432, 43]);
});
