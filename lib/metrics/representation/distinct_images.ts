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
