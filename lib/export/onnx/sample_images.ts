/** A few images of folders, decoded at the size of a network. */
import { UserError } from "../../errors/user_error.ts";
import { decodeImage } from "../../images/codec/decode.ts";
import { listDataset } from "../../images/sources/dataset.ts";
import { openSourceFiles } from "../../images/sources/source.ts";

/**
 * Pixels `[size, size, 3]` of images spread over a folder or zip; unreadable ones are passed over.
 *
 * @throws {UserError} where there is nothing at the path, or no image
 */
export async function sampleImages(
  path: string,
  { count, size }: { readonly count: number; readonly size: number },
): Promise<Uint8Array[]> {
  const files = await openSourceFiles(path);
  try {
    const { images } = listDataset(files);
    const pixels: Uint8Array[] = [];
    const step = Math.max(1, Math.floor(images.length / count));
    for (let i = 0; i < images.length && pixels.length < count; i += step) {
      const decoded = await files.read(images[i]!.file)
        .then((bytes) => decodeImage(bytes, size)).catch(() => undefined);
      if (decoded !== undefined) pixels.push(decoded);
    }
    return pixels;
  } finally {
    files.close();
  }
}

/**
 * As many of each folder or zip, `count` in all.
 *
 * @throws {UserError} where there is no image
 */
export async function sampleAll(
  paths: readonly string[],
  { count, size }: { readonly count: number; readonly size: number },
): Promise<Uint8Array[]> {
  const images: Uint8Array[] = [], each = Math.max(1, Math.ceil(count / paths.length));
  for (const path of paths) images.push(...await sampleImages(path, { count: each, size }));
  if (images.length > 0) return images.slice(0, count);
  throw new UserError(
    "Cannot check an ONNX file without images: found none, expected those of the run. Give a folder by --images",
  );
}

/** Of images every ninth is held out; of so few that this is less than two, every second. */
const share = 9, fewest = 3;

/**
 * Images by which activations are quantised, and others on which the outcome is judged.
 *
 * @throws {UserError} where there are fewer than three: features of one image alone cannot be told apart
 */
export function splitImages(
  all: readonly Uint8Array[],
): { seen: Uint8Array[]; images: Uint8Array[] } {
  if (all.length < fewest) {
    throw new UserError(
      `Cannot export by eight bits: found ${all.length} images to go by, expected at least ${fewest}. Give a folder ` +
        "of more by --images",
    );
  }
  const every = all.length > share ? share : 2;
  return {
    seen: all.filter((_, i) => i % every !== 0),
    images: all.filter((_, i) => i % every === 0),
  };
}
