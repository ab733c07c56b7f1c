import type { Raster } from "./resize.ts";

/** Lays transparent pixels on a ground; grey stays grey where it has no transparency. */
export function layOnGround(raster: Raster, ground: readonly number[]): Raster {
  const { data, width, height, channels } = raster;
  if (channels === 1 || channels === 3) return raster;
  if (channels !== 2 && channels !== 4) {
    throw new Error(`found ${channels} colour channels, expected 1 to 4`);
  }
  const opaque = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    const alpha = data[from + channels - 1]!;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[from + (channels === 2 ? 0 : channel)]!;
      const mixed = value * alpha + ground[channel]! * (255 - alpha);
      opaque[3 * pixel + channel] = Math.round(mixed / 255);
    }
  }
  return { data: opaque, width, height, channels: 3 };
}

/** Grey as three equal channels. */
export function asColours(grey: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * grey.length);
  grey.forEach((value, i) => pixels.fill(value, 3 * i, 3 * i + 3));
  return pixels;
}

/**
 * Cyan, magenta, yellow and black without a profile as red, green and blue, by the plain formula that
 * Pillow and browsers use: there is no telling which inks were meant.
 */
export function inkToColours({ data, width, height }: Raster): Raster {
  const colours = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const light = 255 - data[4 * pixel + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      colours[3 * pixel + channel] = Math.round(light * (255 - data[4 * pixel + channel]!) / 255);
    }
  }
  return { data: colours, width, height, channels: 3 };
}
