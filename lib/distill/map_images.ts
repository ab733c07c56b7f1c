/** A function of images, applied to all images of a pack. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../images/pack_file.ts";

/** Rows `[images, width]` of numbers, row-major. */
export interface ImageRows {
  readonly features: Float32Array;
  readonly width: number;
}

/**
 * Computes a row of numbers for every image of a pack, in its order. Every call has one shape: the last
 * batch is filled up with its last image.
 *
 * @param compute pixels `[batch, canvas, canvas, 3]` (0 to 255) to `[batch, width]`
 */
export async function mapImages(
  pack: ImagePack,
  compute: (pixels: tf.Tensor4D) => Promise<tf.Tensor2D>,
  options: {
    readonly batchSize: number;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<ImageRows> {
  const { canvas, count } = pack, { batchSize, onProgress } = options;
  let [features, width] = [new Float32Array(), 0];
  for (let from = 0; from < count; from += batchSize) {
    const places = Array.from({ length: batchSize }, (_, i) => Math.min(from + i, count - 1));
    const shape: [number, number, number, number] = [batchSize, canvas, canvas, 3];
    const pixels = tf.tensor4d(new Float32Array(pack.read(places)), shape);
    const output = await compute(pixels);
    const values = await output.data<"float32">();
    if (from === 0) {
      width = values.length / batchSize;
      features = new Float32Array(count * width);
    }
    const rows = Math.min(batchSize, count - from);
    features.set(values.subarray(0, rows * width), from * width);
    tf.dispose([pixels, output]);
    onProgress?.(from + rows, count);
  }
  return { features, width };
}
