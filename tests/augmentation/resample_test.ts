import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { resampleImages, writeResampling } from "../../lib/augmentation/resample.ts";
import { farthest, golden, meanDistance } from "./golden_images_fixture.ts";

await tf.setBackend("cpu");
const { side, photo, resizes } = golden;

/** One image through its two matrices, back in `[height, width, 3]` order. */
function resized(
  window: { top: number; left: number; height: number; width: number },
  size: number,
  reversed = false,
): Float32Array {
  const rows = new Float32Array(size * side), columns = new Float32Array(side * size);
  const vertical = { start: window.top, length: window.height };
  const horizontal = { start: window.left, length: window.width };
  writeResampling(rows, { in: side, out: size, window: vertical });
  const across = { in: side, out: size, window: horizontal, transposed: true, reversed };
  writeResampling(columns, across);
  return tf.tidy(() => {
    const images = tf.tensor4d(photo, [1, side, side, 3]);
    const planes = resampleImages(
      images,
      tf.tensor3d(rows, [1, size, side]),
      tf.tensor3d(columns, [1, side, size]),
    );
    return Float32Array.from(tf.transpose(planes, [0, 2, 3, 1]).dataSync());
  });
}

for (const { window, size, pillow, torch } of resizes) {
  const name = `${window.height} x ${window.width} to ${size} px`;

  Deno.test(`${name} equals torch's antialiased bicubic on doubles, to 0.01 of 255`, () => {
    assertLess(farthest(resized(window, size), torch), 0.01);
  });

  Deno.test(`${name} equals Pillow's on bytes, to 1 of 255 on average`, () => {
    const bytes = resized(window, size).map((v) => Math.min(255, Math.max(0, Math.round(v))));
    assertLess(meanDistance(bytes, pillow), 0.5);
    assertLess(farthest(bytes, pillow), 3); // Pillow rounds between its two passes, too
  });
}

Deno.test("a reversed resampling is the mirror image", () => {
  const window = { top: 3, left: 5, height: 16, width: 12 };
  const plain = resized(window, 7), mirrored = resized(window, 7, true);
  for (let row = 0; row < 7; row++) {
    for (let column = 0; column < 7; column++) {
      assertEquals(mirrored[(row * 7 + column) * 3], plain[(row * 7 + 6 - column) * 3]);
    }
  }
});

Deno.test("rows add up to one, and the same size changes nothing", () => {
  for (const [length, out] of [[5, 16], [24, 7], [1, 4]] as const) {
    const matrix = new Float32Array(out * 24);
    writeResampling(matrix, { in: 24, out, window: { start: 0, length } });
    for (let row = 0; row < out; row++) {
      const sum = matrix.subarray(row * 24, (row + 1) * 24).reduce((a, b) => a + b, 0);
      assertAlmostEquals(sum, 1, 1e-6);
    }
  }
  const same = new Float32Array(16);
  writeResampling(same, { in: 4, out: 4, window: { start: 0, length: 4 } });
  assertEquals([...same], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
});
