import type { Raster } from "./resize.ts";

/**
 * Writes a picture as a TIFF file with a colour profile, without compression, so that sharp, which takes
 * none with plain pixels, converts its colours.
 *
 * @source TIFF 6.0; ICC.1, annex B.4.
 *
 * @example
 * ```ts
 * import { profiledTiff } from "./profiled_tiff.ts";
 * const raster = { data: Uint8Array.of(1, 2, 3), width: 1, height: 1, channels: 3 };
 * if (profiledTiff(raster, new Uint8Array(128))[0] !== 0x49) throw new Error("Little-endian");
 * ```
 */
export function profiledTiff(
  { data, width, height, channels }: Raster,
  profile: Uint8Array,
): Uint8Array {
  const short = 3, long = 4, bytes = 7;
  const alpha = channels === 4 ? [[338, short, 1, 2]] : [];
  const count = 11 + alpha.length;
  const bitsAt = 8 + 2 + 12 * count + 4, profileAt = bitsAt + 8;
  const pixelsAt = profileAt + profile.length + profile.length % 2;
  // Tag, type, number of values, and the value or where it lies; in the order of the tags.
  const entries = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, bitsAt],
    [259, short, 1, 1], // no compression
    [262, short, 1, 2], // red, green, blue
    [273, long, 1, pixelsAt],
    [277, short, 1, channels],
    [278, long, 1, height],
    [279, long, 1, data.length],
    [284, short, 1, 1], // channels beside one another
    ...alpha,
    [34675, bytes, profile.length, profileAt],
  ] as [number, number, number, number][];
  const file = new Uint8Array(pixelsAt + data.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x002a4949, true);
  view.setUint32(4, 8, true);
  view.setUint16(8, count, true);
  entries.forEach(([tag, type, number, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, number, true);
    view.setUint32(at + 8, value, true);
  });
  for (let channel = 0; channel < channels; channel++) {
    view.setUint16(bitsAt + 2 * channel, 8, true);
  }
  file.set(profile, profileAt);
  file.set(data, pixelsAt);
  return file;
}
