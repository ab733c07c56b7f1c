/**
 * Parts of a pack, as packs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ImagePack } from "./pack_file.ts";

/**
 * Selects the images at these positions, in this order. Closing the selection does nothing: the
 * whole pack is closed instead.
 *
 * @param indices Positions in the pack, `[images]`.
 */
export function selectImages(pack: ImagePack, indices: readonly number[]): ImagePack {
  const { quarantined: _, ...whole } = pack;
  return {
    ...whole,
    count: indices.length,
    labels: Int32Array.from(indices, (index) => pack.labels[index] ?? 0),
    names: indices.map((index) => pack.names[index] ?? ""),
    // Absent where positions are the addresses.
    ...pack.addresses && {
      addresses: Int32Array.from(indices, (index) => pack.addresses![index] ?? 0),
    },
    digest: createHash("sha256").update(`${pack.digest} ${indices.join()}`).digest("hex"),
    read: (positions) => pack.read(Array.from(positions, (position) => indices[position] ?? 0)),
    close: () => {},
  };
}

/**
 * Selects the images that could be decoded: the label of a replaced one may not fit its neighbour's
 * pixels.
 */
export function readableImages(pack: ImagePack): ImagePack {
  const broken = new Set(pack.quarantined?.map(({ name }) => name));
  if (broken.size === 0) return pack;
  return selectImages(pack, [...pack.names.keys()].filter((i) => !broken.has(pack.names[i] ?? "")));
}
