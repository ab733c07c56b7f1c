/**
 * Turns a square picture upright.
 *
 * @param pixels `[side, side, channels]` as the file stores them.
 * @param orientation The EXIF orientation of the file, 1 to 8; 1 is upright.
 * @returns `[side, side, channels]`; `pixels` itself where it is upright.
 * @source Exif 3.0, tag 274.
 *
 * @example
 * ```ts
 * import { turnUpright } from "./orientation.ts";
 * const turned = turnUpright(Uint8Array.of(1, 2, 3, 4), { side: 2, channels: 1 }, 6);
 * if (turned.join() !== "3,1,4,2") throw new Error("Expected a quarter turn clockwise");
 * ```
 */
export function turnUpright(
  pixels: Uint8Array,
  { side, channels }: { readonly side: number; readonly channels: number },
  orientation: number,
): Uint8Array {
  const turn = turns[orientation];
  if (turn === undefined) return pixels;
  const turned = new Uint8Array(pixels.length);
  for (let row = 0, to = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const from = turn(row, column, side - 1);
      const at = (from.row * side + from.column) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to++] = pixels[at + channel]!;
    }
  }
  return turned;
}

/** Whether a picture of this orientation is stored with rows and columns exchanged. */
export function exchangesSides(orientation: number): boolean {
  return orientation >= 5 && orientation <= 8;
}

type Turn = (row: number, column: number, last: number) => { row: number; column: number };

/** Where a pixel of the upright picture lies in the stored one, by orientation. */
const turns: readonly (Turn | undefined)[] = [
  undefined,
  undefined,
  (row, column, last) => ({ row, column: last - column }),
  (row, column, last) => ({ row: last - row, column: last - column }),
  (row, column, last) => ({ row: last - row, column }),
  (row, column) => ({ row: column, column: row }),
  (row, column, last) => ({ row: last - column, column: row }),
  (row, column, last) => ({ row: last - column, column: last - row }),
  (row, column, last) => ({ row: column, column: last - row }),
];
