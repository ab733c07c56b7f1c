/** Images of the generated world as a tensor. */
import * as tf from "@tensorflow/tfjs";
import { drawWorldImage, worldSize } from "./world.ts";

/**
 * Images of a world that follow one another, `[count, 64, 64, 3]`, 0 to 1; the caller disposes of them.
 *
 * @param seed The world: equal seeds draw equal images.
 * @param first Number of the first image.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { worldBatch } from "@hashigo/hashigo/world";
 * await startEngine();
 * if (worldBatch(2, 0, 3).shape.join() !== "3,64,64,3") throw new Error("Three images");
 * ```
 */
export function worldBatch(seed: number, first: number, count: number): tf.Tensor4D {
  const bytes = worldSize * worldSize * 3;
  const values = new Float32Array(count * bytes);
  for (let i = 0; i < count; i++) {
    const { pixels } = drawWorldImage(seed, first + i);
    values.set(Float32Array.from(pixels, (value) => value / 255), i * bytes);
  }
  return tf.tensor4d(values, [count, worldSize, worldSize, 3]);
}
