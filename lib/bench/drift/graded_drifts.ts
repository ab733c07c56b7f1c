/** Images as another optics, another sensor or another camera would give them, by rising grades. */
import sharp from "sharp";
import { writeBlur } from "../../augmentation/blur.ts";
import { resizeMatrix } from "../../nn/resize.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** A kind of change, whose grades are changes of every image. */
export interface GradedDrift {
  readonly name: string;
  /** What the grades are, with their unit. */
  readonly unit: string;
  readonly grades: readonly number[];
  /** Images `[images, side, side, 3]`, 0 to 255, by a grade. */
  change(
    pixels: Uint8Array,
    side: number,
    grade: number,
    random: RandomStream,
  ): Promise<Uint8Array> | Uint8Array;
}

/** Blur, noise and another camera. */
export const gradedDrifts: readonly GradedDrift[] = [
  {
    name: "blur",
    unit: "deviation in px",
    grades: [0.3, 0.4, 0.5, 0.7, 1],
    change: (pixels, side, sigma) => blurred(pixels, side, sigma),
  },
  {
    name: "noise",
    unit: "deviation of 255",
    grades: [1, 2, 4, 8, 16],
    change: (pixels, _, deviation, random) => noisy(pixels, deviation, random),
  },
  {
    name: "another camera",
    unit: "strength",
    grades: [0.01, 0.02, 0.05, 0.1, 0.3],
    change: otherCamera,
  },
];

function blurred(pixels: Uint8Array, side: number, sigma: number): Uint8Array {
  const matrix = new Float32Array(side * side);
  writeBlur(matrix, side, { kernel: 2 * Math.ceil(3 * sigma) + 1, sigma });
  return resampled(pixels, side, matrix);
}

/** Rows and columns of every image by one matrix, `[side, side]`. */
function resampled(pixels: Uint8Array, side: number, matrix: Float32Array): Uint8Array {
  const line = 3 * side, result = new Uint8ClampedArray(pixels.length);
  const weights = Array.from(
    { length: side },
    (_, to) =>
      Array.from(matrix.subarray(to * side, (to + 1) * side), (weight, from) => ({ from, weight }))
        .filter(({ weight }) => weight !== 0),
  );
  for (let image = 0; image < pixels.length; image += side * line) {
    const across = new Float32Array(side * line);
    for (let row = 0; row < side * line; row += line) {
      for (let column = 0; column < side; column++) {
        for (const { from, weight } of weights[column]!) {
          for (let channel = 0; channel < 3; channel++) {
            across[row + 3 * column + channel]! += weight *
              pixels[image + row + 3 * from + channel]!;
          }
        }
      }
    }
    for (let row = 0; row < side; row++) {
      const sums = new Float32Array(line);
      for (const { from, weight } of weights[row]!) {
        for (let i = 0; i < line; i++) sums[i]! += weight * across[line * from + i]!;
      }
      result.set(sums, image + line * row);
    }
  }
  return new Uint8Array(result.buffer);
}

function noisy(pixels: Uint8Array, deviation: number, random: RandomStream): Uint8Array {
  const noise = random.normal(pixels.length);
  const changed = new Uint8ClampedArray(pixels.length);
  pixels.forEach((value, i) => changed[i] = value + deviation * noise[i]!);
  return new Uint8Array(changed.buffer);
}

/**
 * Another camera, at strength 1: a sensor of two thirds of the places, a colour response that is warmer and darker
 * in the middle tones, noise of deviation 2, and JPEG of quality 70. Lower strengths lie between it and none.
 */
async function otherCamera(
  pixels: Uint8Array,
  side: number,
  strength: number,
  random: RandomStream,
): Promise<Uint8Array> {
  const places = Math.round(side * (1 - strength / 3));
  const [down, up] = [resizeMatrix(side, places), resizeMatrix(places, side)];
  const through = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let place = 0; place < places; place++) {
      for (let column = 0; column < side; column++) {
        through[row * side + column]! += up[row * places + place]! * down[place * side + column]!;
      }
    }
  }
  const gains = [1 + 0.08 * strength, 1, 1 - 0.08 * strength], gamma = 1 + 0.15 * strength;
  const toned = new Uint8ClampedArray(pixels.length);
  resampled(pixels, side, through).forEach((value, i) =>
    toned[i] = 255 * (value / 255) ** gamma * gains[i % 3]!
  );
  const seen = noisy(new Uint8Array(toned.buffer), 2 * strength, random);
  // One picture of all images, below one another: the blocks of a JPEG lie within an image each.
  const raw = { width: side, height: pixels.length / (3 * side), channels: 3 } as const;
  const jpeg = await sharp(seen, { raw })
    .jpeg({ quality: Math.round(100 - 30 * strength), chromaSubsampling: "4:4:4" }).toBuffer();
  return new Uint8Array(await sharp(jpeg).removeAlpha().raw().toBuffer());
}
