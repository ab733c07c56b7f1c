/**
 * Against PyTorch with antialiasing (tests/golden/nn/resize.py), tolerance 1e-5 on numbers up to 16.
 */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { resizeImages, resizeMatrix } from "../../lib/nn/resize.ts";
import golden from "../golden/nn/resize.json" with { type: "json" };

await startEngine();

/** `[1, height, width, 2]`, the image of resize.py. */
function image(height: number, width: number): tf.Tensor4D {
  const data = Float32Array.from({ length: height * width * 2 }, (_, at) => {
    const c = at % 2;
    const x = Math.floor(at / 2) % width;
    const y = Math.floor(at / 2 / width);
    return (x * x * (c + 2) + 5 * y * x + 11 * y + 3 * c) % 17;
  });
  return tf.tensor4d(data, [1, height, width, 2]);
}

for (const { from, to, values } of golden) {
  Deno.test(`${from.join(" x ")} to ${to.join(" x ")} equals PyTorch`, async () => {
    const [height = 0, width = 0] = from;
    const [rows = 0, columns = 0] = to;
    const images = image(height, width);
    const resized = resizeImages(images, [rows, columns]);
    assertEquals(resized.shape, [1, rows, columns, 2]);
    const data = await resized.data();
    values.forEach((value, at) => assertAlmostEquals(data[at] ?? NaN, value, 1e-5));
    tf.dispose([images, resized]);
  });
}

Deno.test("every row of weights sums to 1, whatever the sizes", () => {
  for (const [from, to] of [[1, 5], [5, 1], [7, 7], [64, 513], [300, 64]] as const) {
    const matrix = resizeMatrix(from, to);
    for (let row = 0; row < to; row++) {
      const sum = matrix.slice(row * from, (row + 1) * from).reduce((total, w) => total + w, 0);
      assertAlmostEquals(sum, 1, 1e-5);
    }
  }
});

Deno.test("an image that has the size keeps its numbers", async () => {
  const images = image(4, 6);
  const resized = resizeImages(images, [4, 6]);
  assertEquals(await resized.data(), await images.data());
  tf.dispose([images, resized]);
});

Deno.test("the gradient is the same for every image of a batch", async () => {
  const images = tf.concat4d([image(4, 4), image(4, 4)], 0);
  const sum = (x: tf.Tensor) => tf.sum(resizeImages(tf.reshape(x, images.shape), [2, 2]));
  const gradient = tf.grad(sum)(images);
  assertEquals(gradient.shape, images.shape);
  const data = await gradient.data<"float32">();
  // The weights of each of the 2 x 2 outputs, 2 channels and 2 images sum to 1.
  assertAlmostEquals(data.reduce((total, value) => total + value, 0), 16, 1e-4);
  assertEquals(data.slice(0, 32), data.slice(32));
  tf.dispose([images, gradient]);
});
