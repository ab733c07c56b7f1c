/** Nearest pictures, decisions and colours, from the numbers that a student gives. */
import type { PageColours, PageHead } from "../page_data.ts";

/** Features of a gallery, ready to be searched. */
export interface Gallery {
  /** `[width]` */
  readonly mean: Float32Array;
  /** `[images, width]`, less the mean, of unit length. */
  readonly rows: Float32Array;
}

/** Takes the mean off the features of a gallery `[images, width]` and scales them to unit length. */
export function galleryOf(features: Float32Array, width: number): Gallery {
  const images = features.length / width, mean = new Float32Array(width);
  features.forEach((value, i) => mean[i % width]! += value / images);
  const rows = new Float32Array(features.length);
  for (let image = 0; image < images; image++) {
    const own = features.subarray(image * width, (image + 1) * width);
    rows.set(unit(own.map((value, i) => value - mean[i]!)), image * width);
  }
  return { mean, rows };
}

/**
 * The nearest pictures of a gallery, the most alike first: cosines of features less the gallery's mean.
 *
 * @example
 * ```ts
 * import { galleryOf, nearest } from "./similar.ts";
 * const gallery = galleryOf(Float32Array.of(1, 0, 0, 1, -1, -1), 2);
 * const [first] = nearest(gallery, Float32Array.of(2, 0.1), 1);
 * if (first?.image !== 0) throw new Error("It points in the direction of the first");
 * ```
 */
export function nearest(
  { mean, rows }: Gallery,
  feature: Float32Array,
  count: number,
): { readonly image: number; readonly similarity: number }[] {
  const width = mean.length, asked = unit(feature.map((value, i) => value - mean[i]!));
  return Array.from({ length: rows.length / width }, (_, image) => {
    let similarity = 0;
    for (let i = 0; i < width; i++) similarity += rows[image * width + i]! * asked[i]!;
    return { image, similarity };
  }).sort((a, b) => b.similarity - a.similarity).slice(0, count);
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
}

/** The cheapest class of an image, and whether a person should decide instead. */
export function decideClass(
  { classes, costs, rejection = Infinity }: PageHead,
  probabilities: Float32Array,
): { readonly class: number; readonly unsure: boolean } {
  const count = classes.length;
  const costOf = (truth: number, predicted: number) =>
    costs?.[truth * count + predicted] ?? Number(truth !== predicted);
  const expected = classes.map((_, predicted) =>
    classes.reduce((sum, _, truth) => sum + probabilities[truth]! * costOf(truth, predicted), 0)
  );
  const cheapest = expected.reduce((best, cost, i) => cost < expected[best]! ? i : best, 0);
  return { class: cheapest, unsure: expected[cheapest]! > rejection };
}

/** Patches `[places, width]` as colours `[places, 3]`, 0 to 255. */
export function patchColours(
  { mean, axes, low, high }: PageColours,
  patches: Float32Array,
): Uint8ClampedArray {
  const width = mean.length, places = patches.length / width;
  const colours = new Uint8ClampedArray(places * 3);
  for (let place = 0; place < places; place++) {
    for (let axis = 0; axis < 3; axis++) {
      let along = 0;
      for (let i = 0; i < width; i++) {
        along += (patches[place * width + i]! - mean[i]!) * axes[axis * width + i]!;
      }
      colours[3 * place + axis] = 255 * (along - low[axis]!) / (high[axis]! - low[axis]! || 1);
    }
  }
  return colours;
}
