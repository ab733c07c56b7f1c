/**
 * Values of PNG files as they are stored: sharp gives the colours of a palette, not their numbers, and
 * stretches 1, 2 and 4 bits to 8.
 *
 * @source W3C, Portable Network Graphics (PNG) Specification.
 * @module
 */
import { inflateSync } from "node:zlib";

/** What the first chunk of a PNG file says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a value. */
  readonly bits: number;
  /** 0 is grey, 3 numbers of a palette; others have several values to a pixel. */
  readonly colourType: number;
  readonly isInterlaced: boolean;
}

/** Reads the first chunk of a file that is known to be PNG. */
export function readPngHeader(file: Uint8Array): PngHeader {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 33) throw new Error("the PNG file ends within its first chunk");
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bits: file[24]!,
    colourType: file[25]!,
    isInterlaced: file[28] !== 0,
  };
}

/**
 * Reads the values of a PNG file with one value to a pixel, grey or numbers of a palette:
 * `[height, width]`, by row.
 *
 * @throws {Error} Where the file is damaged.
 */
export function readPngValues(file: Uint8Array, header: PngHeader): Uint16Array {
  const { width, height, bits } = header;
  const stride = Math.ceil(width * bits / 8);
  const length = height * (stride + 1);
  // Bounded: a small file may unpack to gigabytes.
  const rows = inflateSync(pixelData(file), { maxOutputLength: length + 1 });
  if (rows.length !== length) {
    throw new Error(`the PNG file holds ${rows.length} bytes of rows, expected ${length}`);
  }
  const values = new Uint16Array(width * height);
  const step = Math.max(1, bits / 8);
  let above = new Uint8Array(stride);
  for (let row = 0; row < height; row++) {
    const start = row * (stride + 1);
    const line = rows.subarray(start + 1, start + 1 + stride);
    undoFilter(rows[start]!, line, above, step);
    unpackLine(values.subarray(row * width, (row + 1) * width), line, bits);
    above = line;
  }
  return values;
}

/** The chunks that hold the pixels, joined. */
function pixelData(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= file.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > file.length) break;
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (name === "IDAT") parts.push(file.subarray(at + 8, at + 8 + length));
    if (name === "IEND") return new Uint8Array(Buffer.concat(parts));
    at += 12 + length;
  }
  throw new Error("the PNG file ends before its last chunk");
}

/** Turns differences to neighbours back into bytes, in place. */
function undoFilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw new Error(`the PNG file has a row of the unknown filter ${filter}`);
  for (let i = 0; filter > 0 && i < line.length; i++) {
    const left = i < step ? 0 : line[i - step]!;
    const corner = i < step ? 0 : above[i - step]!;
    line[i] = line[i]! + predicted(filter, left, above[i]!, corner);
  }
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const estimate = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(estimate - value));
  return a! <= b! && a! <= c! ? left : b! <= c! ? above : corner;
}

function unpackLine(values: Uint16Array, line: Uint8Array, bits: number): void {
  for (let i = 0; i < values.length; i++) {
    if (bits === 16) values[i] = line[2 * i]! * 256 + line[2 * i + 1]!;
    else {
      const shift = 8 - bits - (i * bits) % 8;
      values[i] = (line[(i * bits) >> 3]! >> shift) & ((1 << bits) - 1);
    }
  }
}
