import type { ImagePack } from "../../../lib/images/packs/pack_file.ts";

/** A pack of single pixels: image i is three bytes of `first + i`. */
export function madeUpPack(
  first: number,
  classes: readonly string[],
  labels: readonly number[],
  options: Partial<ImagePack> = {},
): ImagePack {
  return {
    count: labels.length,
    canvas: 1,
    classes,
    labels: Int32Array.from(labels),
    names: labels.map((_, i) => `${first + i}.png`),
    digest: `digest ${first}`,
    read: (indices) =>
      Uint8Array.from(Array.from(indices).flatMap((i) => [first + i, first + i, first + i])),
    close: () => {},
    ...options,
  };
}
