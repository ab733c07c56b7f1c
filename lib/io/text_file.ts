/**
 * Text of files that people and other programs write: whatever its byte order mark and line ends, within
 * bounds, and with a message that says what is wrong.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";
import { parseJson } from "./json_text.ts";

/** A file that is read, as messages describe it. */
export interface TextFileOptions {
  /** What is read, with its article: "the recipe". */
  readonly noun: string;
  /** Last sentence of messages, the user's next step. Default: "Check the path". */
  readonly advice?: string | undefined;
  /** Larger files are refused before they are read. Default: 64,000,000. */
  readonly maximumBytes?: number | undefined;
}

/**
 * Reads a text file: UTF-8, or UTF-16 with its mark. The mark is dropped, and every line ends in `\n`.
 *
 * @throws {UserError} where there is no such file, it is a folder or no ordinary file, it may not be
 *   read, is too large, or is no text.
 *
 * @example
 * ```ts
 * import { readText } from "./text_file.ts";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "\ufeffimage,label\r\n1.png,cat\r\n");
 * const text = await readText(path, { noun: "the labels" });
 * if (text !== "image,label\n1.png,cat\n") throw new Error("Not as documented");
 * await Deno.remove(path);
 * ```
 */
export async function readText(path: string, options: TextFileOptions): Promise<string> {
  const { noun, advice = "Check the path", maximumBytes = 64_000_000 } = options;
  const refuse = (found: string, expected: string, cause?: unknown) =>
    new UserError(
      `Cannot read ${noun} "${path}": found ${found}, expected ${expected}. ${advice}.`,
      { cause },
    );
  let bytes: Uint8Array;
  try {
    const { isDirectory, isFile, size } = await Deno.stat(path);
    if (!isFile) throw refuse(isDirectory ? "a folder" : "a pipe or device", "a file");
    if (size > maximumBytes) throw refuse(`${size} bytes`, `at most ${maximumBytes}`);
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw error instanceof UserError ? error : refuse(...unreadable(error), error);
  }
  const text = decodeText(bytes);
  if (text === undefined) throw refuse("bytes that are no UTF-8 text", "a text file");
  return text;
}

/**
 * Reads a JSON file as {@linkcode readText} does; comments and commas before a closing bracket are
 * passed over.
 *
 * @throws {UserError} as {@linkcode readText}, and where the text is no JSON; the message says at which
 *   line and column.
 *
 * @example
 * ```ts
 * import { readJson } from "./text_file.ts";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{ "steps": 2, } // few');
 * const value = await readJson(path, { noun: "the plan" });
 * if (JSON.stringify(value) !== '{"steps":2}') throw new Error("Not as documented");
 * await Deno.remove(path);
 * ```
 */
export async function readJson(path: string, options: TextFileOptions): Promise<unknown> {
  const text = await readText(path, options);
  try {
    return parseJson(text);
  } catch (error) {
    const { noun, advice = "Mend it with an editor" } = options;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot read ${noun} "${path}": it is not JSON (${reason}). ${advice}.`, {
      cause: error,
    });
  }
}

/**
 * The text of a file that the package itself writes; undefined where there is none.
 *
 * @example
 * ```ts
 * import { readTextIfThere } from "./text_file.ts";
 * if (await readTextIfThere("absent.csv") !== undefined) throw new Error("There is no file");
 * ```
 */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The text of bytes in UTF-8, or in UTF-16 where their mark says so; undefined where they are no text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const mark = bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : "utf-8";
  try {
    // The decoder drops the mark.
    const text = new TextDecoder(mark, { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text.replace(/\r\n?/g, "\n");
  } catch {
    return undefined;
  }
}

/** What was found and expected where the system does not let a file be read. */
function unreadable(error: unknown): [found: string, expected: string] {
  if (error instanceof Deno.errors.NotFound) {
    return [`no such file (looked from ${folderHere()})`, "a file"];
  }
  if (error instanceof Deno.errors.NotCapable) {
    return [error.message, "the permission --allow-read"];
  }
  const reason = error instanceof Error ? error.message : String(error);
  return [`no readable file (${reason})`, "one that this user may read"];
}

function folderHere(): string {
  try {
    return Deno.cwd();
  } catch {
    return "a folder that is gone";
  }
}
