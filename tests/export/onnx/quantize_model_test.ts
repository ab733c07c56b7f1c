import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { quantizeModel, quantizeWeight } from "../../../lib/export/onnx/quantize_model.ts";
import type { OnnxModel, OnnxTensor } from "../../../lib/export/onnx/schema.ts";

const floats = (name: string, dims: readonly number[], values: readonly number[]): OnnxTensor => ({
  ...{ name, dims, dataType: 1 },
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});
const node = (opType: string, input: string[], output: string) => ({
  ...{ opType, name: output, input, output: [output], attributes: {} },
});

/** A convolution of two channels with a rectifier, another of one channel each, and their sum. */
const model: OnnxModel = {
  ...{ name: "m", description: "", producerVersion: "0", metadata: {}, inputs: [], outputs: [] },
  nodes: [
    node("Conv", ["x", "w", "b"], "conv"),
    node("Clip", ["conv", "zero", "six"], "clip"),
    node("Conv", ["clip", "f", "c"], "filtered"),
    node("Add", ["clip", "filtered"], "sum"),
    node("Identity", ["sum"], "out"),
  ],
  tensors: [
    floats("w", [2, 2, 1, 1], [1, -0.51, 0.2, 0.1]),
    floats("b", [2], [0.25, -1]),
    floats("f", [2, 1, 1, 1], [0.3, 2]),
    floats("c", [2], [0, 0]),
    floats("zero", [], [0]),
    floats("six", [], [6]),
  ],
};
const means = Float32Array.of(1, 10);
const quantized = quantizeModel(model, (value) => ({
  ...value === "x" ? { low: -1, high: 1.55 } : { low: 0, high: 5.1 },
  means,
}));
const tensor = (name: string) => quantized.tensors.find((one) => one.name === name)!;
const values = (name: string, type: typeof Float32Array | typeof Int32Array) => [
  ...new type(tensor(name).rawData.slice().buffer),
];

Deno.test("weights have a scale for each output: seven bits of sums, eight of filters", () => {
  const { whole, scales } = quantizeWeight(Float32Array.of(1, -0.51, 0.2, 0.1), [2, 2, 1, 1], {
    axis: 0,
    bits: 8,
  });
  assertEquals([...whole], [63, -32, 63, 32]);
  assertAlmostEquals(scales[1]!, 0.2 / 63, 1e-7);
  const filter = quantizeWeight(Float32Array.of(0.3, -2), [2, 1, 1, 1], { axis: 0, bits: 8 });
  assertEquals([...filter.whole], [127, -127]);
  const matrix = quantizeWeight(Float32Array.of(1, 0, 0, 4), [2, 2], { axis: 1, bits: 8 });
  assertEquals([...matrix.whole], [63, 0, 0, 63]);
  assertEquals(
    [...quantizeWeight(new Float32Array(2), [2, 1, 1, 1], { axis: 0, bits: 8 }).scales],
    [1, 1],
  );
});

Deno.test("fewer bits make use of fewer whole numbers", () => {
  const of = (
    dims: readonly number[],
    bits: number,
  ) => [...quantizeWeight(Float32Array.of(1, -0.51, 0.2, 0.1), dims, { axis: 0, bits }).whole];
  assertEquals(of([2, 2, 1, 1], 5), [7, -4, 7, 4]);
  assertEquals(of([4, 1, 1, 1], 5), [15, -15, 15, 15]);
  const coarse = quantizeModel(model, () => ({ low: -1, high: 2, means }), 2);
  const scale = coarse.tensors.find(({ name }) => name === "x_scale")!;
  assertEquals([...new Float32Array(scale.rawData.slice().buffer)], [1]);
  const [low, high] = ["x_low", "x_high"].map((name) =>
    new Float32Array(coarse.tensors.find((one) => one.name === name)!.rawData.slice().buffer)[0]
  );
  // What lies beyond is cut off as by eight bits.
  assertEquals([low, high], [-1, 2]);
  assertEquals(coarse.nodes.filter(({ opType }) => opType === "Clip").length, 4);
});

Deno.test("activations have one scale, with zero among the whole numbers", () => {
  assertAlmostEquals(values("x_scale", Float32Array)[0]!, 0.01, 1e-7);
  assertEquals([...tensor("x_zero").rawData], [100]);
  // A rectifier is the range itself: numbers below are cut off at zero.
  assertEquals([...tensor("clip_zero").rawData], [0]);
  assert(!quantized.nodes.some(({ opType }) => opType === "Clip"));
  assert(!quantized.tensors.some(({ name }) => ["w", "b", "zero", "six"].includes(name)));
});

Deno.test("biases are whole numbers of both scales, and take off what rounding adds to the mean", () => {
  const [scale = 0, other = 0] = values("b_scale", Float32Array);
  assertAlmostEquals(scale, 0.01 / 63, 1e-9);
  const bias = values("b_whole", Int32Array);
  // -0.51 became -32 / 63, which the mean of the second channel, 10, shifts.
  const shift = (-32 / 63 + 0.51) * 10;
  assertAlmostEquals(bias[0]! * scale, 0.25 - shift, scale);
  const second = (32 * 0.2 / 63 - 0.1) * 10;
  assertAlmostEquals(bias[1]! * other, -1 - second, other);
});

Deno.test("sums of quantised maps are quantised, and what comes after takes what was turned back", () => {
  const operations = quantized.nodes.map(({ opType }) => opType);
  assertEquals(operations.filter((one) => one === "QuantizeLinear").length, 4);
  const sum = quantized.nodes.find(({ opType }) => opType === "Add")!;
  assertEquals(sum.input, ["clip_turned", "filtered_turned"]);
  assertEquals(quantized.nodes.at(-1)!.input, ["sum_turned"]);
});
