/** Options of commands that read images: how they are decoded. */
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { type Invocation, type Options, UsageError } from "./command.ts";

/** The options, for a command's own. */
export const decodeOptions = {
  background: {
    type: "text",
    value: "COLOUR",
    summary: "what transparent images are laid on, such as #000000; default #ffffff, white",
  },
  "maximum-pixels": {
    type: "number",
    value: "N",
    summary: "images of more pixels are refused; default 100 million",
  },
} as const satisfies Options;

/**
 * Reads their values.
 *
 * @throws {UsageError} Where one cannot be used.
 */
export function readDecodeOptions(
  values: {
    readonly background: string | undefined;
    readonly "maximum-pixels": number | undefined;
  },
): DecodeOptions {
  const { background, "maximum-pixels": maximumPixels } = values;
  if (background !== undefined && !/^#[0-9a-f]{6}$/i.test(background)) {
    throw new UsageError(`Found --background ${background}, expected a colour such as "#000000"`);
  }
  if (maximumPixels !== undefined && !(Number.isSafeInteger(maximumPixels) && maximumPixels > 0)) {
    throw new UsageError(
      `Found --maximum-pixels ${maximumPixels}, expected a whole number of at least 1`,
    );
  }
  return { background, maximumPixels };
}

/** How the reading of a folder, and the features of its images, are shown. */
export function showReading({ progress, work }: Pick<Invocation<Options>, "progress" | "work">) {
  return {
    onListed: progress,
    onProgress: (stage: string, done: number, total: number) =>
      work({ stage, done, total, unit: "images" }),
  };
}
