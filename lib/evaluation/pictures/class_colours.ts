/** Colours of classes that are painted over images. */

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * Apart for colour-blind eyes too: the hues of Okabe and Ito, "Color universal design" (2008), then
 * darker and lighter ones of Tol's "muted" scheme, so that neighbours differ in lightness as well.
 */
const palette: readonly Colour[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [240, 228, 66],
  [51, 34, 136],
  [136, 34, 85],
  [153, 153, 51],
  [221, 204, 119],
];

/** Of pixels that nobody labelled. */
export const unlabelledColour: Colour = [128, 128, 128];

/** Colour of a class by its number from 0; beyond the palette, colours come again. */
export function classColour(index: number): Colour {
  return palette[index % palette.length] ?? unlabelledColour;
}
