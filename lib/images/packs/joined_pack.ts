import { createHash } from "node:crypto";
import { UserError } from "../../errors/user_error.ts";
import type { ImagePack } from "./pack_file.ts";

/**
 * Joins packs into one: images of the first, then of the second, and so on. Classes are joined by
 * name. Closing the result closes all packs.
 *
 * @throws {UserError} Where there is no pack, or their canvases differ.
 *
 * @example
 * ```ts
 * import { joinPacks } from "@hashigo/hashigo/images";
 * const packOf = (label: string) => ({
 *   count: 1, canvas: 1, classes: [label], labels: Int32Array.of(0), names: [label], digest: label,
 *   read: () => Uint8Array.of(1, 2, 3), close: () => {},
 * });
 * const both = joinPacks([packOf("cat"), packOf("dog")]);
 * if (both.count !== 2 || both.labels[1] !== 1) throw new Error("Expected the second class");
 * ```
 */
export function joinPacks(packs: readonly ImagePack[]): ImagePack {
  const [first, ...rest] = packs;
  if (first === undefined) throw new UserError("Cannot join images: found no source, expected one");
  if (rest.length === 0) return first;
  const other = rest.find((pack) => pack.canvas !== first.canvas);
  if (other !== undefined) {
    throw new UserError(
      `Cannot join images of ${first.canvas} px and of ${other.canvas} px. Give one canvas`,
    );
  }
  const classes = [...new Set(packs.flatMap((pack) => pack.classes))];
  const starts = packs.map((_, i) => packs.slice(0, i).reduce((sum, pack) => sum + pack.count, 0));
  const count = packs.reduce((sum, pack) => sum + pack.count, 0);
  const labels = new Int32Array(count);
  packs.forEach((pack, i) => {
    const renumbered = pack.labels.map((label) => classes.indexOf(pack.classes[label] ?? ""));
    labels.set(renumbered, starts[i]);
  });
  const hash = createHash("sha256");
  for (const pack of packs) hash.update(pack.digest);
  return {
    count,
    canvas: first.canvas,
    classes,
    labels,
    names: packs.flatMap((pack) => pack.names),
    digest: hash.digest("hex"),
    listed: packs.flatMap(({ listed = [] }) => listed).join(" + ") || undefined,
    quarantined: packs.flatMap(({ quarantined = [] }) => quarantined),
    read: (indices) => readFrom(packs, starts, first.canvas, indices),
    close: () => packs.forEach((pack) => pack.close()),
  };
}

/** Reads each pack once, for all of its images. */
function readFrom(
  packs: readonly ImagePack[],
  starts: readonly number[],
  canvas: number,
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const size = canvas * canvas * 3;
  const pixels = new Uint8Array(indices.length * size);
  packs.forEach((pack, i) => {
    const start = starts[i] ?? 0;
    const images = Array.from(indices)
      .map((index, position) => ({ index: index - start, position }))
      .filter(({ index }) => index >= 0 && index < pack.count);
    const read = pack.read(images.map(({ index }) => index));
    images.forEach(({ position }, k) => {
      pixels.set(read.subarray(k * size, (k + 1) * size), position * size);
    });
  });
  return pixels;
}
