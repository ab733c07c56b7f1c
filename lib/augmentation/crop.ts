import type { Window } from "./resample.ts";

/** A rectangle of an image, in pixels. */
export interface Crop {
  /** Its rows, from the top. */
  readonly rows: Window;
  /** Its columns, from the left. */
  readonly columns: Window;
}

/** Count of uniform numbers that {@linkcode drawCrop} takes. */
export const cropDraws = 22;

/**
 * Draws a random rectangle that covers a share of the area in `scale`, drawn uniformly, with a
 * ratio of width to height in `ratio`, drawn log-uniformly. Rectangles that do not fit are drawn
 * again; after ten attempts the result is the largest centred rectangle with an allowed ratio.
 *
 * @param canvas Side of the image in pixels.
 * @param uniforms {@linkcode cropDraws} numbers in [0, 1).
 * @source torchvision's RandomResizedCrop, as documented (Szegedy et al. 2014).
 *
 * @example
 * ```ts
 * import { drawCrop } from "@hashigo/hashigo/augmentation";
 * import { cropDraws } from "./crop.ts";
 * const uniforms = new Float32Array(cropDraws).fill(0.5);
 * const { rows, columns } = drawCrop(64, uniforms, { scale: [0.25, 0.25], ratio: [1, 1] });
 * if (rows.length !== 32 || columns.length !== 32) throw new Error("Expected a quarter");
 * ```
 */
export function drawCrop(
  canvas: number,
  uniforms: Float32Array,
  options: {
    readonly scale: readonly [number, number];
    readonly ratio: readonly [number, number];
  },
): Crop {
  const { scale: [smallest, largest], ratio: [narrow, wide] } = options;
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = canvas * canvas * between(smallest, largest, uniforms[2 * attempt]!);
    const logRatio = between(Math.log(narrow), Math.log(wide), uniforms[2 * attempt + 1]!);
    const ratio = Math.exp(logRatio);
    const width = Math.round(Math.sqrt(area * ratio));
    const height = Math.round(Math.sqrt(area / ratio));
    if (width < 1 || width > canvas || height < 1 || height > canvas) continue;
    return {
      rows: placed(height, canvas, uniforms[20]!),
      columns: placed(width, canvas, uniforms[21]!),
    };
  }
  const ratio = Math.min(Math.max(1, narrow), wide); // a canvas is square
  const centred = (length: number) => ({ start: Math.floor((canvas - length) / 2), length });
  return {
    rows: centred(Math.max(1, Math.round(canvas / Math.max(1, ratio)))),
    columns: centred(Math.max(1, Math.round(canvas * Math.min(1, ratio)))),
  };
}

function placed(length: number, canvas: number, uniform: number): Window {
  return { start: Math.floor(uniform * (canvas - length + 1)), length };
}

/** Maps a uniform number in [0, 1) to one from `low` to `high`. */
export function between(low: number, high: number, uniform: number): number {
  return low + (high - low) * uniform;
}
