/**
 * BMP files, which sharp does not read, and whose decoders on npm skip palettes, row order or offsets.
 *
 * @source Microsoft's description of BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER.
 * @module
 */
import type { Raster } from "./resize.ts";

/** What the header of a BMP file says. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a pixel; up to 8 they number a colour of the palette. */
  readonly bits: number;
  /** Whether the first row of the file is the top one. */
  readonly isTopDown: boolean;
  /** Byte at which the pixels begin. */
  readonly offset: number;
  /** Where the palette begins, the number of its colours, and bytes of each. */
  readonly palette: { readonly at: number; readonly count: number; readonly each: number };
  /** Which bits of a pixel of 16 or 32 are red, green, blue and alpha. */
  readonly masks: readonly number[];
}

/** Whether a file begins as BMP files do. */
export function isBmp(file: Uint8Array): boolean {
  return file.length >= 26 && file[0] === 0x42 && file[1] === 0x4d && file[15] === 0 &&
    file[16] === 0 && file[17] === 0;
}

/**
 * Reads the header of a BMP file.
 *
 * @throws {Error} Where it is damaged, or of a kind that is not read: compressed by run lengths, or
 *   holding a JPEG or PNG.
 */
export function readBmpHeader(file: Uint8Array): BmpHeader {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const size = view.getUint32(14, true), isCore = size === 12;
  if (!(isCore || size >= 40 && size <= 124) || file.length < 14 + size) {
    throw new Error(`a damaged BMP file: found a header of ${size} bytes in ${file.length}`);
  }
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? 0 : view.getUint32(30, true);
  if (![1, 4, 8, 16, 24, 32].includes(bits) || width < 1 || height === 0) {
    throw new Error(`a damaged BMP file: found ${width} x ${height} pixels of ${bits} bits`);
  }
  const hasMasks = (compression === 3 || compression === 6) && (bits === 16 || bits === 32);
  if (compression !== 0 && !hasMasks) {
    throw new Error(
      `a BMP file of compression ${compression}, expected none. Convert it to PNG`,
    );
  }
  const colours = isCore ? 0 : view.getUint32(46, true);
  return {
    width,
    height: Math.abs(height),
    bits,
    isTopDown: height < 0,
    offset: view.getUint32(10, true),
    palette: {
      at: 14 + size,
      count: bits > 8 ? 0 : colours === 0 ? 1 << bits : Math.min(colours, 1 << bits),
      each: isCore ? 3 : 4,
    },
    masks: hasMasks ? channelMasks(view, size, compression) : defaultMasks(bits),
  };
}

function defaultMasks(bits: number): number[] {
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
}

/** They follow the shortest header, and are part of the longer ones. */
function channelMasks(view: DataView, size: number, compression: number): number[] {
  const hasAlpha = size >= 56 || compression === 6;
  if (view.byteLength < 54 + (hasAlpha ? 16 : 12)) throw new Error("a damaged BMP file: no masks");
  return [0, 1, 2, 3].map((i) => i < 3 || hasAlpha ? view.getUint32(54 + 4 * i, true) : 0);
}

/**
 * Decodes a BMP file to red, green and blue, and alpha where the file has it.
 *
 * @throws {Error} Where it is damaged or of a kind that is not read.
 */
export function decodeBmp(file: Uint8Array): Raster {
  const header = readBmpHeader(file);
  const { width, height, masks, palette } = header;
  if (header.bits > 8) return decodeColours(file, header, masks);
  const indices = readBmpIndices(file, header);
  const data = new Uint8Array(width * height * 3);
  indices.forEach((index, i) => {
    const at = palette.at + index * palette.each;
    if (index >= palette.count || at + 3 > file.length) {
      throw new Error(`a damaged BMP file: found the colour ${index} of ${palette.count}`);
    }
    for (let channel = 0; channel < 3; channel++) data[3 * i + channel] = file[at + 2 - channel]!;
  });
  return { data, width, height, channels: 3 };
}

/**
 * Reads the numbers of the palette's colours, `[height, width]`.
 *
 * @param header Of a file of at most 8 bits.
 */
export function readBmpIndices(file: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits } = header;
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  for (let row = 0; row < height; row++) {
    const start = rowStart(file, header, row);
    for (let column = 0; column < width; column++) {
      const shift = 8 - bits * (column % perByte + 1);
      const byte = file[start + Math.floor(column / perByte)]!;
      indices[row * width + column] = (byte >> shift) & ((1 << bits) - 1);
    }
  }
  return indices;
}

function decodeColours(file: Uint8Array, header: BmpHeader, masks: readonly number[]): Raster {
  const { width, height, bits } = header;
  const channels = masks[3] === 0 ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  const copies = bits > 16 && masks.every((mask, i) => mask === defaultMasks(32)[i]);
  const decodeRow = copies ? copyRow : maskedRow(masks);
  for (let row = 0; row < height; row++) {
    const line = data.subarray(row * width * channels, (row + 1) * width * channels);
    decodeRow(line, file, rowStart(file, header, row), bits / 8);
  }
  return { data, width, height, channels };
}

/** Decodes a row whose pixels are of so many bytes. */
type DecodeRow = (line: Uint8Array, file: Uint8Array, start: number, bytes: number) => void;

/** Blue, green and red, as nearly every file has them. */
const copyRow: DecodeRow = (line, file, start, bytes) => {
  for (let to = 0, at = start; to < line.length; to += 3, at += bytes) {
    line[to] = file[at + 2]!;
    line[to + 1] = file[at + 1]!;
    line[to + 2] = file[at]!;
  }
};

function maskedRow(masks: readonly number[]): DecodeRow {
  const levels = masks.filter((mask, i) => i < 3 || mask !== 0).map(channelLevels);
  return (line, file, start, bytes) => {
    for (let to = 0, at = start; to < line.length; at += bytes) {
      let value = 0;
      for (let i = 0; i < bytes; i++) value += file[at + i]! * 2 ** (8 * i);
      for (const level of levels) line[to++] = level(value);
    }
  };
}

/** Reads the bits of a mask as a number from 0 to 255. */
function channelLevels(mask: number): (value: number) => number {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => most === 0 ? 0 : Math.round(((value & mask) >>> shift) * 255 / most);
}

/** Byte at which a row begins, counted from the top; rows are filled up to four bytes. */
function rowStart(file: Uint8Array, header: BmpHeader, row: number): number {
  const { width, height, bits, offset, isTopDown } = header;
  const stride = 4 * Math.ceil(width * bits / 32);
  const start = offset + stride * (isTopDown ? row : height - 1 - row);
  if (start + Math.ceil(width * bits / 8) > file.length) {
    throw new Error(`the file ends before its last row (${file.length} bytes)`);
  }
  return start;
}
