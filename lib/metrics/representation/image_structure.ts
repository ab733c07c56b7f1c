/** What an image shows, freed of its brightness and contrast: by it near-duplicates are told from other images. */
import type { FeatureMatrix } from "../feature_matrix.ts";

/** Less than this of contrast, in units of a colour's 256 steps, is none. */
const leastContrast = 1e-3;

/**
 * Colours of small images less the mean of each colour, at unit length: the cosine of two images is their normalised
 * cross-correlation, 1 of a copy however bright. Images of one colour are all alike.
 *
 * @param pixels `[images, side, side, 3]`, 0 to 255
 * @param side in pixels; 16 is enough
 * @returns `[images, side * side * 3]`
 * @source Lewis, "Fast normalized cross-correlation" (1995).
 *
 * @example
 * ```ts
 * import { imageStructure } from "./image_structure.ts";
 * const image = Uint8Array.from({ length: 12 }, (_, i) => 10 * i);
 * const { features: dark } = imageStructure(image, 2);
 * const { features: bright } = imageStructure(image.map((value) => value + 50), 2);
 * if (dark.some((value, i) => Math.abs(value - bright[i]!) > 1e-6)) throw new Error("The same structure");
 * ```
 */
export function imageStructure(pixels: Uint8Array, side: number): FeatureMatrix {
  const width = side * side * 3, images = pixels.length / width;
  const features = new Float32Array(pixels.length);
  for (let image = 0; image < images; image++) {
    const from = image * width;
    const mean = [0, 0, 0];
    for (let i = 0; i < width; i++) mean[i % 3]! += 3 * pixels[from + i]! / width;
    let square = 0;
    for (let i = 0; i < width; i++) square += (pixels[from + i]! - mean[i % 3]!) ** 2;
    const length = Math.sqrt(square);
    if (length < leastContrast * Math.sqrt(width)) {
      features[from] = 1;
      continue;
    }
    for (let i = 0; i < width; i++) {
      features[from + i] = (pixels[from + i]! - mean[i % 3]!) / length;
    }
  }
  return { features, width };
}
