import { UserError } from "../../errors/user_error.ts";

/** How images are decoded. */
export interface DecodeOptions {
  /**
   * Colour that shows through transparent pixels, such as "#000000": they are laid on it before
   * anything else. Default: white.
   */
  readonly background?: string | undefined;
  /** Images of more pixels are refused. Default: {@linkcode defaultMaximumPixels}. */
  readonly maximumPixels?: number | undefined;
}

/** The ground that transparent images are laid on by default, as browsers' pages are: white. */
export const defaultBackground = "#ffffff";

/** A small file can claim to hold gigabytes: 100 megapixels at most, by default. */
export const defaultMaximumPixels = 100e6;

/**
 * Refuses options that cannot be used.
 *
 * @throws {UserError} Where the ground is no colour, or the limit no whole number above 0.
 */
export function checkDecodeOptions({ background, maximumPixels }: DecodeOptions): void {
  if (background !== undefined) parseColour(background);
  if (maximumPixels === undefined || Number.isInteger(maximumPixels) && maximumPixels > 0) return;
  throw new UserError(`Found maximumPixels ${maximumPixels}, expected a whole number above 0`);
}

/**
 * Reads a colour such as "#ff8000".
 *
 * @returns Red, green and blue, 0 to 255.
 * @throws {UserError} Where it is no such colour.
 */
export function parseColour(colour: string): [number, number, number] {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) {
    throw new UserError(`Found the colour "${colour}", expected one like "#ff8000"`);
  }
  const at = (from: number) => parseInt(colour.slice(from, from + 2), 16);
  return [at(1), at(3), at(5)];
}
