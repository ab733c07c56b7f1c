import type { Box } from "./resize.ts";

/** The largest square in the middle of a picture; its edges may lie inside of pixels. */
export function middleOf(
  { width, height }: { readonly width: number; readonly height: number },
): Box {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
}
