/** How many images are left where near-duplicates count once. */

/**
 * Number of groups of images that pairs of near-duplicates hang together: copies of copies are one group.
 *
 * @param images number of images.
 * @param pairs positions of two images each.
 *
 * @example
 * ```ts
 * import { distinctImages } from "./distinct_images.ts";
 * if (distinctImages(5, [[0, 1], [1, 4]]) !== 3) throw new Error("0, 1 and 4 are one; 2; 3");
 * ```
 */
export function distinctImages(
  images: number,
  pairs: readonly (readonly [number, number])[],
): number {
  const parents = Int32Array.from({ length: images }, (_, image) => image);
  const groupOf = (image: number) => {
    let group = image;
    while (parents[group] !== group) {
      parents[group] = parents[parents[group]!]!;
      group = parents[group]!;
    }
    return group;
  };
  let groups = images;
  for (const [a, b] of pairs) {
    const [first, second] = [groupOf(a), groupOf(b)];
    if (first === second) continue;
    parents[second] = first;
    groups--;
  }
  return groups;
}

/**
 * Positions of images to look at: all of a few; of many pairs of neighbours, spread evenly, since the frames of a film
 * lie beside each other.
 *
 * @param most positions, an even number
 *
 * @example
 * ```ts
 * import { neighbouringPairs } from "./distinct_images.ts";
 * if (neighbouringPairs(3, 4).join() !== "0,1,2") throw new Error("All");
 * if (neighbouringPairs(100, 4).join() !== "0,1,50,51") throw new Error("Two pairs");
 * ```
 */
export function neighbouringPairs(images: number, most: number): number[] {
  if (images <= most) return Array.from({ length: images }, (_, position) => position);
  const pairs = most >> 1;
  return Array.from({ length: most }, (_, i) => Math.floor((i >> 1) * images / pairs) + i % 2);
}

/**
 * Number of different images among all, reckoned from {@linkcode neighbouringPairs}: where a share of the pairs are
 * near-duplicates, as many of all images have one before them.
 *
 * @param images number of all images
 * @param looked number of images that were looked at, all or pairs
 * @param distinct different ones among these
 *
 * @example
 * ```ts
 * import { distinctInAll } from "./distinct_images.ts";
 * // Half of five pairs are copies of each other.
 * if (distinctInAll(1000, { looked: 20, distinct: 15 }) !== 500) throw new Error("Every other one");
 * ```
 */
export function distinctInAll(
  images: number,
  { looked, distinct }: { readonly looked: number; readonly distinct: number },
): number {
  if (looked >= images) return distinct;
  return Math.max(1, Math.round(images * (2 * distinct / looked - 1)));
}
