import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { readTfliteLayers } from "../../lib/weights/tflite_tensors.ts";

/** A network of one operation: its weight at byte 1, which no 32-bit number could be aligned to. */
function network(op: string, shape: number[], outputs: number) {
  const size = shape.reduce((product, length) => product * length, 1);
  const bytes = new Uint8Array(1 + size + 4 * outputs);
  for (let at = 0; at < size; at++) bytes[1 + at] = at;
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < outputs; at++) view.setInt32(1 + size + 4 * at, -10 * at, true);
  const weight = { index: 4, name: "w", shape, dtype: "uint8", scale: [0.5], zero_point: [2] };
  const bias = {
    index: 7,
    name: "b",
    shape: [outputs],
    dtype: "int32",
    scale: [0.1],
    zero_point: [0],
  };
  const index = {
    bytes: bytes.length,
    byte_order: "little",
    tensors: [
      { index: 0, name: "x", shape: [1], dtype: "uint8" },
      { ...weight, offset: 1, bytes: size },
      { ...bias, offset: 1 + size, bytes: 4 * outputs },
    ],
    ops: [
      { op: "RESHAPE", inputs: [0] },
      { op, inputs: [0, 4, 7], stride: [2, 2], dilation: [1, 1], activation: "RELU6" },
    ],
  };
  return { bytes, index };
}

const real = (...q: number[]) => Float32Array.from(q, (value) => (value - 2) * 0.5);

Deno.test("a convolution: [out, height, width, in] becomes [height, width, in, out]", () => {
  const { bytes, index } = network("CONV_2D", [2, 1, 2, 3], 2);
  const [layer, ...others] = readTfliteLayers(bytes, index);
  assertEquals(others, []);
  assertEquals(layer?.kind, "convolution");
  assertEquals(layer?.weight.shape, [1, 2, 3, 2]);
  assertEquals(layer?.weight.data, real(0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11));
  assertEquals(layer?.bias.data, Float32Array.of(0, -1));
  assertEquals([layer?.stride, layer?.dilation, layer?.activation], [2, 1, "RELU6"]);
});

Deno.test("a depthwise convolution: [1, height, width, channels] becomes [.., channels, 1]", () => {
  const { bytes, index } = network("DEPTHWISE_CONV_2D", [1, 2, 1, 3], 3);
  const [layer] = readTfliteLayers(bytes, index);
  assertEquals(layer?.kind, "depthwise");
  assertEquals(layer?.weight.shape, [2, 1, 3, 1]);
  assertEquals(layer?.weight.data, real(0, 1, 2, 3, 4, 5));
});

Deno.test("a linear layer: [out, in] becomes [in, out]", () => {
  const { bytes, index } = network("FULLY_CONNECTED", [2, 3], 2);
  const [layer] = readTfliteLayers(bytes, index);
  assertEquals(layer?.kind, "linear");
  assertEquals(layer?.weight.shape, [3, 2]);
  assertEquals(layer?.weight.data, real(0, 3, 1, 4, 2, 5));
});

const change = (edit: (index: ReturnType<typeof network>["index"]) => unknown) => {
  const { bytes, index } = network("CONV_2D", [2, 1, 2, 3], 2);
  return [bytes, edit(index)] as const;
};
const withWeight = (replacement: Record<string, unknown>) =>
  change((index) => ({
    ...index,
    tensors: index.tensors.map((tensor) =>
      tensor.name === "w" ? { ...tensor, ...replacement } : tensor
    ),
  }));
const refused: Record<string, [readonly [Uint8Array, unknown], string]> = {
  "another file": [change((index) => ({ ...index, bytes: 5 })), "expected 5"],
  "big-endian numbers": [change((index) => ({ ...index, byte_order: "big" })), "byte_order"],
  "an unknown tensor": [change((index) => ({ ...index, tensors: [] })), "unknown tensor 4"],
  "weights beyond the end": [withWeight({ offset: 10 }), "12 bytes at 10"],
  "a negative offset": [withWeight({ offset: -1 }), "offset"],
  "another length": [withWeight({ bytes: 11 }), "expected 12"],
  "no weights": [withWeight({ offset: undefined }), 'no weights for the tensor "w"'],
  "no scale": [withWeight({ scale: undefined }), 'no scale for the tensor "w"'],
  "a scale per channel": [withWeight({ scale: [1, 2] }), "scale"],
  "another rank": [withWeight({ shape: [2, 6] }), "a convolution weight [2,6]"],
  "the same weights again and again": [
    change((index) => ({ ...index, ops: Array(3).fill(index.ops[1]) })),
    "more weights than 21 bytes can hold",
  ],
  "an oblong stride": [
    change((index) => ({
      ...index,
      ops: index.ops.map((op) => ({ ...op, stride: [1, 2] })),
    })),
    "1 by 2",
  ],
};
for (const [description, [[bytes, index], fault]] of Object.entries(refused)) {
  Deno.test(`refused: ${description}`, () => {
    assertThrows(() => readTfliteLayers(bytes, index), UserError, fault);
  });
}
