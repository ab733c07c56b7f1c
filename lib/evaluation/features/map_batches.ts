/** A function of batches of images, applied to a whole pack. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";

/**
 * Computes rows of numbers for every image of a pack, in its order. Every call has one shape: the last
 * batch is filled up with its last image.
 *
 * @param compute pixels `[batch, canvas, canvas, 3]` (0 to 255) to `[batch, width]`, by name; the same
 * names in every call.
 * @returns `[images, width]` by name.
 */
export async function mapImages<Name extends string>(
  pack: ImagePack,
  compute: (pixels: tf.Tensor4D) => Promise<{ readonly [N in Name]?: tf.Tensor2D }>,
  options: {
    readonly batchSize: number;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<{ [N in Name]?: FeatureMatrix }> {
  const { canvas, count } = pack, { batchSize, onProgress } = options;
  const matrices: { [N in Name]?: FeatureMatrix } = {};
  for (let from = 0; from < count; from += batchSize) {
    const places = Array.from({ length: batchSize }, (_, i) => Math.min(from + i, count - 1));
    const shape: [number, number, number, number] = [batchSize, canvas, canvas, 3];
    const pixels = tf.tensor4d(new Float32Array(pack.read(places)), shape);
    const output = await compute(pixels);
    const rows = Math.min(batchSize, count - from);
    for (const name in output) {
      const tensor = output[name];
      if (tensor === undefined) continue;
      const width = tensor.shape[1];
      const values = await tensor.data<"float32">();
      const matrix = matrices[name] ??= { features: new Float32Array(count * width), width };
      matrix.features.set(values.subarray(0, rows * width), from * width);
      tf.dispose(tensor);
    }
    tf.dispose(pixels);
    onProgress?.(from + rows, count);
  }
  return matrices;
}
