/** From the pixels of a photo to what the student takes, by the same code as where it was trained. */
import { middleOf } from "../../../images/codec/middle.ts";
import { resizeToSquare } from "../../../images/codec/resize.ts";
import type { PageData } from "../page_data.ts";

/** Pixels as a canvas gives them: red, green, blue and opacity, row by row. */
export interface CanvasPixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * The square in the middle, laid on white, resized and normalised: `[3, size, size]`.
 *
 * @example
 * ```ts
 * import { preparePixels } from "./prepare.ts";
 * const pixels = { data: Uint8ClampedArray.of(255, 0, 0, 255), width: 1, height: 1 };
 * const values = preparePixels(pixels, { size: 1, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
 * if (values.join() !== "1,-1,-1") throw new Error("Red");
 * ```
 */
export function preparePixels(
  { data, width, height }: CanvasPixels,
  { size, mean, std }: PageData["input"],
): Float32Array {
  const opaque = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = data[4 * pixel + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      opaque[3 * pixel + channel] = Math.round(
        alpha * data[4 * pixel + channel]! + 255 * (1 - alpha),
      );
    }
  }
  const raster = { data: opaque, width, height, channels: 3 };
  const square = resizeToSquare(raster, middleOf({ width, height }), size);
  const values = new Float32Array(3 * size * size);
  square.forEach((value, i) => {
    const channel = i % 3, pixel = Math.floor(i / 3);
    values[channel * size * size + pixel] = (value / 255 - mean[channel]!) / std[channel]!;
  });
  return values;
}
