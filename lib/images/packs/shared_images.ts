import { createHash } from "node:crypto";
import type { ImagePack } from "./pack_file.ts";

/** Images that are read at a time. */
const batch = 64;

/**
 * Names of the images of `test` whose pixels are those of an image of `train`: what is measured on
 * them was learnt by heart.
 *
 * @example
 * ```ts
 * import { sharedImages } from "./shared_images.ts";
 * const packOf = (...values: number[]) => ({
 *   count: values.length, canvas: 1, classes: ["a"], labels: new Int32Array(values.length),
 *   names: values.map(String), digest: "",
 *   read: (at: ArrayLike<number>) => Uint8Array.from(at, (i) => values[i]!), close: () => {},
 * });
 * if (sharedImages(packOf(1, 2), packOf(2, 3)).join() !== "2") throw new Error("Expected one");
 * ```
 */
export function sharedImages(train: ImagePack, test: ImagePack): string[] {
  const known = new Set(digestsOf(train));
  return [...digestsOf(test)].flatMap((digest, i) => known.has(digest) ? [test.names[i]!] : []);
}

function* digestsOf(pack: ImagePack): Generator<string> {
  for (let from = 0; from < pack.count; from += batch) {
    const count = Math.min(batch, pack.count - from);
    const pixels = pack.read(Array.from({ length: count }, (_, i) => from + i));
    const size = pixels.length / count;
    for (let i = 0; i < count; i++) {
      yield createHash("sha1").update(pixels.subarray(i * size, (i + 1) * size)).digest("latin1");
    }
  }
}
