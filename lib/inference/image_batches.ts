/** Images of any origin as batches of pixels for one network. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import { decodeImage } from "../images/codec/decode.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { resizeImages } from "../nn/resize.ts";

/**
 * An image: the path of a file, its bytes, or pixels `[height, width, 3]` in [0, 1], which the caller disposes
 * of.
 */
export type ImageInput = string | URL | Uint8Array | tf.Tensor3D;

/**
 * Pixels of one image, `[side, side, 3]` in 0 to 255: files as by {@linkcode decodeImage}, of tensors the square
 * in the middle, resized.
 *
 * @param index position of the image, for errors
 * @throws {UserError} where it cannot be read, or is no image
 */
export async function pixelsOf(
  image: ImageInput,
  side: number,
  { index, ...decoding }: DecodeOptions & { readonly index: number },
): Promise<Float32Array> {
  if (image instanceof tf.Tensor) return await pixelsOfTensor(image, side, index);
  const name = image instanceof Uint8Array ? `number ${index}` : `"${image}"`;
  const bytes = image instanceof Uint8Array ? image : await readFile(image);
  try {
    return Float32Array.from(await decodeImage(bytes, side, decoding));
  } catch (error) {
    throw new UserError(
      `Cannot decode the image ${name} (${bytes.length} bytes): ${
        error instanceof Error ? error.message : error
      }. Give a PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP or HEIC file, or a tensor of its pixels`,
      { cause: error },
    );
  }
}

async function readFile(path: string | URL): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UserError(
      `Cannot read the image "${path}": ${
        error instanceof Deno.errors.NotFound
          ? `no such file (looked from ${Deno.cwd()})`
          : error instanceof Error
          ? error.message
          : error
      }. Check the path`,
      { cause: error },
    );
  }
}

async function pixelsOfTensor(
  image: tf.Tensor3D,
  side: number,
  index: number,
): Promise<Float32Array> {
  const [height = 0, width = 0, channels] = image.shape;
  if (image.shape.length !== 3 || channels !== 3 || height * width === 0) {
    throw new UserError(
      `Cannot use the image number ${index}: found a tensor of shape [${image.shape}], expected pixels ` +
        "[height, width, 3] in [0, 1]. Give one image a tensor: tf.unstack parts a batch",
    );
  }
  const resized = tf.tidy(() => {
    const square = Math.min(height, width);
    const middle = tf.slice(image, [(height - square) >> 1, (width - square) >> 1, 0], [
      square,
      square,
      3,
    ]);
    const batch = tf.expandDims<tf.Tensor4D>(middle);
    return tf.mul(resizeImages(batch, [side, side]), 255);
  });
  try {
    return await resized.data<"float32">();
  } finally {
    resized.dispose();
  }
}

/** Parts of a list, each of at most so many. */
export function chunksOf<T>(list: readonly T[], size: number): (readonly T[])[] {
  return Array.from(
    { length: Math.ceil(list.length / size) },
    (_, i) => list.slice(i * size, (i + 1) * size),
  );
}

/** The size of the batch in which so many images are computed: few sizes, so that few are compiled. */
export function paddedCount(count: number, most: number): number {
  return Math.min(most, 2 ** Math.ceil(Math.log2(count)));
}
