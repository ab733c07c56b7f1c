import type { Picture } from "./open_picture.ts";

/** A size to decode a large picture to. */
export interface NearSize {
  readonly width: number;
  readonly height: number;
  /** sharp's option of that name. */
  readonly fastShrinkOnLoad: boolean;
  /** Columns and rows of the file that the result spans. */
  readonly spanned: readonly [number, number];
}

/**
 * The size to decode a large picture to, about twice that of the canvas or more, and the pixels of the file
 * that it spans. libjpeg shrinks by 2, 4 or 8 while it decodes; sharp chooses by the ratio, and libvips
 * drops the last pixels that do not fill one of the result, which its own resizing then stretches over.
 *
 * @param scale Pixels of the file per pixel of the canvas.
 */
export function nearSize(
  { width, height, format, isInk }: Pick<Picture, "width" | "height" | "format" | "isInk">,
  scale: number,
): NearSize | undefined {
  const sizeAt = (ratio: number) => ({
    width: Math.max(1, Math.round(width / ratio)),
    height: Math.max(1, Math.round(height / ratio)),
  });
  const shrinks = format === "jpeg" && !isInk ? [8, 4, 2] : [];
  for (const shrink of shrinks) {
    const least = shrink + 1.05, most = shrink === 8 ? Infinity : 2 * shrink - 0.2;
    if (scale < 1.9 * least) continue;
    const size = sizeAt(Math.min(Math.max(scale / 2, least), most));
    const ratio = Math.min(width / size.width, height / size.height);
    if (!(ratio >= shrink + 1 && (shrink === 8 || ratio < 2 * shrink))) return undefined;
    const whole = (pixels: number) => shrink * Math.floor(pixels / shrink);
    return { ...size, fastShrinkOnLoad: true, spanned: [whole(width), whole(height)] };
  }
  if (scale < 4) return undefined;
  return { ...sizeAt(scale / 2), fastShrinkOnLoad: false, spanned: [width, height] };
}
