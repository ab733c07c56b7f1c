/** A few images of folders, decoded at the size of a network. */
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
