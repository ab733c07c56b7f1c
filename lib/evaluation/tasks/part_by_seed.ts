/** Parts of a set that the seed draws, class by class. */
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { selectImages } from "../../images/packs/select_images.ts";
import { spreadOverClasses } from "../../images/packs/spread_over_classes.ts";
import { randomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";

/** A part that is drawn, and how large it is. */
export interface DrawnPart {
  /** Names the stream of random numbers. */
  readonly name: "test part" | "validation part";
  /** Of the images of every class that are left. */
  readonly share: number;
}

/** A quarter: of a set without a part to measure on. */
export const testPart: DrawnPart = { name: "test part", share: 1 / 4 };

/** A third of the images to learn from, which choices are made on. */
export const validationPart: DrawnPart = { name: "validation part", share: 1 / 3 };

/**
 * Draws parts of every class one after the other, each from what the former left.
 *
 * @param parts what is drawn; of several the last is measured on, and the images of the others are in neither part
 * @param options source: what an error calls the set; seed: default 0; limit: most images of each part, default all
 * @throws {UserError} where a class is too small.
 */
export function partBySeed(
  pack: ImagePack,
  parts: readonly DrawnPart[],
  { source, seed = 0, limit = Infinity }: {
    readonly source: string;
    readonly seed?: number | undefined;
    readonly limit?: number | undefined;
  },
): { train: ImagePack; test: ImagePack } {
  let train = [...pack.labels.keys()], test: number[] = [];
  for (const part of parts) ({ train, test } = drawPart(pack, train, part, { source, seed }));
  const take = (indices: readonly number[]) => {
    const { classes, labels, names } = pack;
    const images = indices.map((file) => ({ file, name: names[file]!, label: labels[file]! }));
    const kept = spreadOverClasses({ classes, images }, limit).images;
    return selectImages(pack, kept.map(({ file }) => file).sort((a, b) => a - b));
  };
  return { train: take(train), test: take(test) };
}

/** Draws one part of the images at these positions of a pack. */
function drawPart(
  pack: ImagePack,
  among: readonly number[],
  part: DrawnPart,
  { source, seed }: { readonly source: string; readonly seed: number },
): { train: number[]; test: number[] } {
  const parts: { train: number[]; test: number[] } = { train: [], test: [] };
  pack.classes.forEach((name, label) => {
    const images = among.filter((i) => pack.labels[i] === label);
    if (images.length < 2) {
      throw new UserError(
        `Cannot evaluate on "${source}": the class "${name}" has ${images.length} image, expected ` +
          "at least 2, one to learn from and one to test. Add images, or folders train and test.",
      );
    }
    const order = randomStream(seed).at(part.name, name).permutation(images.length);
    const held = Math.max(1, Math.round(images.length * part.share));
    order.forEach((place, i) => parts[i < held ? "test" : "train"].push(images[place] ?? 0));
  });
  return parts;
}
