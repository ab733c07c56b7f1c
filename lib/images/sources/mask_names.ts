/**
 * Files that are masks of images by their names.
 *
 * @module
 */

const suffix = /[_-](masks?|seg|segmentation|labels?|gt|trimap)$/;
const maskFolders =
  /^(masks?|annotations?|segmentations?|segmentationclass|segmentationobject|labels?|gt|ground_?truth|trimaps?)$/;
const imageFolders = ["images", "image", "imgs", "img", "jpegimages", "photos", "input", "inputs"];

/** The name of a mask without the ending of the file and what marks it, such as `_mask`. */
export function withoutMaskSuffix(stem: string): string {
  return stem.replace(new RegExp(suffix, "i"), "");
}

/**
 * Which of these images are masks: `1_mask.png` beside `1.jpg`, or `masks/1.png` beside
 * `images/1.jpg`.
 *
 * @returns whether each is one.
 *
 * @example
 * ```ts
 * import { findMasks } from "./mask_names.ts";
 * const found = findMasks(["1.jpg", "1_mask.png", "images/a.jpg", "masks/a.png", "b_mask.png"]);
 * if (found.join() !== "false,true,false,true,false") throw new Error("Each needs its image");
 * ```
 */
export function findMasks(names: readonly string[]): boolean[] {
  const stems = names.map((name) => name.replace(/\.[^./]*$/, "").toLowerCase());
  const suspects = stems.map((stem) => suffix.test(stem) || partOfMasks(stem) !== -1);
  if (!suspects.includes(true)) return suspects;
  const known = new Set(stems);
  return stems.map((stem, i) => {
    if (!suspects[i]) return false;
    const plain = withoutMaskSuffix(stem);
    if (plain !== stem && known.has(plain)) return true;
    const at = partOfMasks(stem);
    return at !== -1 && imageFolders.some((folder) => {
      const moved = (name: string) => name.split("/").with(at, folder).join("/");
      return known.has(moved(stem)) || known.has(moved(plain));
    });
  });
}

/** Position of the folder that holds masks by its name, -1 where there is none. */
function partOfMasks(stem: string): number {
  return stem.split("/").slice(0, -1).findIndex((part) => maskFolders.test(part));
}
