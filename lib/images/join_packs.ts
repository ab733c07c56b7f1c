import { createHash } from "node:crypto";
import { UserError } from "../user_error.ts";
import type { ImagePack } from "./pack_file.ts";

/**
 * Several packs as one: the images of the first, then those of the second, and so on. Classes of the
 * same name are one class. Closing it closes them all.
 *
 * @throws {UserError} Where there is none, or their canvases differ.
 *
 * @example
 * ```ts
 * import { type ImagePack, joinPacks } from "@hashigo/hashigo";
 * const pack: ImagePack = {
 *   count: 1, canvas: 1, classes: ["a"], labels: new Int32Array(1), names: ["a/1.png"],
 *   digest: "0", read: (indices) => new Uint8Array(3 * indices.length), close: () => {},
 * };
 * const both = joinPacks([pack, { ...pack, classes: ["b"] }]);
 * if (both.count !== 2 || both.labels[1] !== 1) throw new Error("Expected the second class");
 * ```
 */
export function joinPacks(packs: readonly ImagePack[]): ImagePack {
  const [first] = packs;
  if (first === undefined) throw new UserError("Cannot join no packs: give at least one source");
  if (packs.length === 1) return first;
  const { canvas } = first;
  const other = packs.find((pack) => pack.canvas !== canvas);
  if (other !== undefined) {
    throw new UserError(
      `Cannot join packs of ${canvas} and ${other.canvas} pixels: pack them at one canvas`,
    );
  }
  const classes = [...new Set(packs.flatMap((pack) => pack.classes))].sort();
  const starts: number[] = [];
  const labels: number[] = [];
  for (const pack of packs) {
    starts.push(labels.length);
    const renumbered = pack.classes.map((name) => classes.indexOf(name));
    for (const label of pack.labels) labels.push(renumbered[label]!);
  }
  return {
    count: labels.length,
    canvas,
    classes,
    labels: Int32Array.from(labels),
    names: packs.flatMap((pack) => pack.names),
    digest: createHash("sha256").update(packs.map((pack) => pack.digest).join()).digest("hex"),
    read: (indices) => readParts(packs, starts, indices),
    close: () => packs.forEach((pack) => pack.close()),
  };
}

/** Reads each pack once, then puts the images into the order asked for. */
function readParts(
  packs: readonly ImagePack[],
  starts: readonly number[],
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const size = packs[0]!.canvas ** 2 * 3;
  const pixels = new Uint8Array(indices.length * size);
  const wanted = packs.map((): { place: number; index: number }[] => []);
  for (let place = 0; place < indices.length; place++) {
    const index = indices[place]!;
    const pack = Math.max(0, starts.findLastIndex((start) => start <= index));
    wanted[pack]!.push({ place, index: index - starts[pack]! });
  }
  for (const [number, pack] of packs.entries()) {
    const part = pack.read(wanted[number]!.map(({ index }) => index));
    for (const [i, { place }] of wanted[number]!.entries()) {
      pixels.set(part.subarray(i * size, (i + 1) * size), place * size);
    }
  }
  return pixels;
}
