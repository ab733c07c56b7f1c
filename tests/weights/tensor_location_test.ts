import { assert, assertEquals } from "@std/assert";
import { type ByteSource, bytesSource } from "../../lib/weights/byte_source.ts";
import {
  overlaps,
  readTensor,
  rowMajorStrides,
  spanOf,
} from "../../lib/weights/tensor_location.ts";

/** A source that counts the bytes that are read. */
function counting(bytes: Uint8Array): ByteSource & { readonly total: { bytes: number } } {
  const source = bytesSource(bytes), total = { bytes: 0 };
  const read = (position: number, into: Uint8Array) => {
    total.bytes += into.length;
    source.read(position, into);
  };
  return { ...source, read, total };
}

const [planes, rows, columns] = [3, 700, 900];
const halves = Uint16Array.from({ length: planes * rows * columns }, (_, i) => i % 0x7c00);
const values = new Float32Array(new Float16Array(halves.buffer));
const bytes = new Uint8Array(halves.buffer);

Deno.test("more numbers than fit a window, one after another", () => {
  const shape = [planes, rows, columns];
  const tensor = { dtype: "float16", shape, strides: rowMajorStrides(shape), position: 0 } as const;
  assertEquals(readTensor(counting(bytes), tensor), values);
});

Deno.test("more numbers than fit a window, in another order: each byte is read once", () => {
  // [columns, planes, rows], of which each third row and each second column.
  const shape = [columns / 2, planes, Math.ceil(rows / 3)];
  const strides = [2, rows * columns, 3 * columns];
  const source = counting(bytes);
  const numbers = readTensor(source, { dtype: "float16", shape, strides, position: 2 });
  assert(source.total.bytes <= bytes.length, `${source.total.bytes} bytes read`);
  let at = 0;
  for (let column = 0; column < shape[0]!; column++) {
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < shape[2]!; row++) {
        const expected = values[1 + 2 * column + plane * rows * columns + 3 * row * columns];
        if (numbers[at++] !== expected) throw new Error(`${numbers[at - 1]}, expected ${expected}`);
      }
    }
  }
  assertEquals(at, numbers.length);
});

Deno.test("a view overlaps where two of its positions are one element", () => {
  assertEquals(overlaps([2, 3], [3, 1]), false);
  assertEquals(overlaps([3, 2], [1, 3]), false);
  assertEquals(overlaps([2, 3], [0, 1]), true);
  assertEquals(overlaps([2, 3], [2, 1]), true);
  assertEquals(overlaps([1, 3], [0, 1]), false, "an axis of length 1 has no neighbours");
  assertEquals(overlaps([], []), false);
  assertEquals([spanOf([2, 3], [10, 2]), spanOf([], []), spanOf([0, 3], [3, 1])], [15, 1, 0]);
});

Deno.test("strides overlap from the first number that two places share", () => {
  // Rows of three numbers: two apart they share one, three apart none.
  assertEquals([1, 2, 3, 4].map((stride) => overlaps([2, 3], [stride, 1])), [
    true,
    true,
    false,
    false,
  ]);
  assertEquals(overlaps([3, 2], [1, 3]), false, "columns one after the other");
  assertEquals(overlaps([3, 2], [1, 2]), true);
  assertEquals(overlaps([5, 1], [1, 0]), false, "an axis of one has no stride to speak of");
});
