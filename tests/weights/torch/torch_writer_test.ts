/** See also checkpoint_file_test.ts, where PyTorch has read what the writer made. */
import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { bytesSource } from "../../../lib/weights/byte_source.ts";
import { checkpointFrom } from "../../../lib/weights/checkpoint_file.ts";
import {
  encodeTorchCheckpoint,
  torchCheckpointPieces,
} from "../../../lib/weights/torch/torch_writer.ts";
import { joined } from "./torch_file_fixture.ts";
import { tree } from "../written_tree_fixture.ts";

Deno.test("what was written is read back, and the pieces are the whole", () => {
  const bytes = encodeTorchCheckpoint(tree);
  assertEquals(joined(...torchCheckpointPieces(tree)), bytes);
  using file = checkpointFrom(bytesSource(bytes));
  const shapes = [...file.tensors].map(([name, { shape }]) => [name, shape]);
  assertEquals(shapes, [["weight", [3, 2, 2]], ["part", [2, 2]], ["scalar", []], ["none", [0, 3]]]);
  assertEquals(file.read("part"), file.read("weight").slice(4, 8));
});

Deno.test("numbers that a float32 can hold are kept, whatever they are", () => {
  const data = Float32Array.of(NaN, -0, Infinity, 2 ** -149, 3.4028234663852886e38);
  using file = checkpointFrom(bytesSource(encodeTorchCheckpoint({ w: { shape: [5], data } })));
  assertEquals(file.read("w"), data);
});

Deno.test("a shape that does not match its numbers is not written", () => {
  const w = { shape: [2, 2], data: new Float32Array(3) };
  assertThrows(() => encodeTorchCheckpoint({ w }), RangeError, "found 3 numbers, expected 4");
});

Deno.test("more tensors than our own reader accepts are not written", () => {
  const w = { shape: [], data: new Float32Array(1) };
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`w${i}`, w]));
  assertThrows(() => encodeTorchCheckpoint(many(25_001)), UserError, "expected at most 25000");
  using file = checkpointFrom(bytesSource(encodeTorchCheckpoint(many(25_000))));
  assertEquals(file.tensors.size, 25_000);
});
