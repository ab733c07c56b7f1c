import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  foldBatchNorm,
  readTorchTensors,
  tensorOf,
} from "../../../lib/weights/torch/torch_tensors.ts";

/** Three numbers that begin at byte 3, where no float32 array may. */
const bytes = new Uint8Array([9, 9, 9, ...new Uint8Array(Float32Array.of(1, -2, 0.5).buffer)]);
const entry = { name: "w", shape: [3], dtype: "float32", offset: 3, bytes: 12 };
const index = { bytes: 15, byte_order: "little", tensors: [entry] };

Deno.test("numbers are read from any byte on", () => {
  const { shape, data } = tensorOf(readTorchTensors(bytes, index), "w", 1);
  assertEquals(shape, [3]);
  assertEquals(data, Float32Array.of(1, -2, 0.5));
});
const empty = { ...entry, shape: [0], bytes: 0 };

const refused: Record<string, [change: unknown, fault: string]> = {
  "another file": [{ ...index, bytes: 16 }, "expected 16"],
  "another form": [{ ...index, tensors: undefined }, "tensors"],
  "another element type": [{ ...index, tensors: [{ ...entry, dtype: "float16" }] }, "dtype"],
  "numbers beyond the end": [{ ...index, tensors: [{ ...entry, offset: 4 }] }, "12 bytes at 4"],
  "another length": [{ ...index, tensors: [{ ...entry, shape: [2] }] }, "expected 8"],
  "a tensor twice": [{ ...index, tensors: [empty, empty] }, "twice"],
  "the same bytes twice": [
    { ...index, tensors: [entry, { ...entry, name: "v" }] },
    "more tensors than 15 bytes can hold",
  ],
};
for (const [description, [wrong, fault]] of Object.entries(refused)) {
  Deno.test(`refused: ${description}`, () => {
    assertThrows(() => readTorchTensors(bytes, wrong), UserError, fault);
  });
}

Deno.test("a tensor that is missing, or of another rank, is named", () => {
  const tensors = readTorchTensors(bytes, index);
  assertThrows(() => tensorOf(tensors, "v", 1), UserError, 'no tensor "v"');
  assertThrows(() => tensorOf(tensors, "w", 2), UserError, '"w" with the shape [3]');
});

Deno.test("folding equals normalising after the convolution", () => {
  // 2 outputs, 3 inputs, 1 x 2 pixels: out = sum of weight * x, then (out - mean) * g + beta.
  const weight = Float32Array.from({ length: 12 }, (_, at) => Math.cos(at));
  const vector = (...values: number[]) => ({ shape: [2], data: Float32Array.from(values) });
  const tensors = new Map([
    ["c.weight", { shape: [2, 3, 1, 2], data: weight }],
    ["n.weight", vector(1.5, -0.5)],
    ["n.bias", vector(0.25, 2)],
    ["n.running_mean", vector(-1, 3)],
    ["n.running_var", vector(0, 4)],
  ]);
  const folded = foldBatchNorm(tensors, "c", { normalization: "n" });
  assertEquals(folded.weight.shape, [1, 2, 3, 2]);
  const x = Array.from({ length: 6 }, (_, at) => Math.sin(at + 1)); // [in, width]
  for (const o of [0, 1]) {
    const plain = x.reduce((sum, value, at) => sum + value * (weight[o * 6 + at] ?? 0), 0);
    const gain = (o === 0 ? 1.5 : -0.5) / Math.sqrt((o === 0 ? 0 : 4) + 1e-5);
    const expected = (plain - (o === 0 ? -1 : 3)) * gain + (o === 0 ? 0.25 : 2);
    const found = x.reduce((sum, value, at) => {
      const [i, column] = [Math.floor(at / 2), at % 2];
      return sum + value * (folded.weight.data[(column * 3 + i) * 2 + o] ?? 0);
    }, folded.bias.data[o] ?? 0);
    assertAlmostEquals(found, expected, 1e-6 * Math.abs(expected));
  }
});

Deno.test("a normalisation of another width is refused", () => {
  const tensors = new Map([
    ["c.weight", { shape: [1, 1, 1, 1], data: Float32Array.of(1) }],
    ["n.weight", { shape: [2], data: Float32Array.of(1, 1) }],
  ]);
  assertThrows(() => foldBatchNorm(tensors, "c", { normalization: "n" }), UserError, "expected 1");
});
