/** Small images as data addresses. */
import { encodePng, pngDataUrl } from "../../images/codec/encode.ts";

/** Width of pictures in pixels, about. */
const side = 112;

/**
 * A PNG as a data address, enlarged by a whole number to about 112 pixels.
 *
 * @param pixels `[rows, columns, 3]`, 0 to 255.
 */
export async function pictureAddress(
  pixels: Uint8Array,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Promise<string> {
  const enlarge = Math.max(1, Math.round(side / columns));
  return pngDataUrl(await encodePng(pixels, { rows, columns, enlarge }));
}
