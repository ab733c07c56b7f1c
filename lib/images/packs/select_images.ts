/** Some images of a pack, as a pack. */
import { createHash } from "node:crypto";
import type { ImagePack } from "./pack_file.ts";

/**
 * The images at these positions, in this order. Closing it does nothing: the whole is closed instead.
 *
 * @param indices `[images]`, positions in the pack
 */
export function selectImages(pack: ImagePack, indices: readonly number[]): ImagePack {
  const { quarantined: _, ...whole } = pack;
  return {
    ...whole,
    count: indices.length,
    labels: Int32Array.from(indices, (index) => pack.labels[index] ?? 0),
    names: indices.map((index) => pack.names[index] ?? ""),
    digest: createHash("sha256").update(`${pack.digest} ${indices.join()}`).digest("hex"),
    read: (places) => pack.read(Array.from(places, (place) => indices[place] ?? 0)),
    close: () => {},
  };
}

/** The images that could be decoded: of a replaced one the label need not be its neighbour's. */
export function readableImages(pack: ImagePack): ImagePack {
  const broken = new Set(pack.quarantined?.map(({ name }) => name));
  if (broken.size === 0) return pack;
  return selectImages(pack, [...pack.names.keys()].filter((i) => !broken.has(pack.names[i] ?? "")));
}
