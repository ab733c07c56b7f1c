/** Values that a program keeps as JSON files: checked when they are read, whole when they are written. */
import { z } from "zod";
import { UserError } from "../errors/user_error.ts";
import { writeFileAtomic } from "./atomic_file.ts";

/** A kind of JSON file. */
export interface JsonArtifact<T> {
  /**
   * The value of a file, or undefined where there is no file.
   *
   * @throws {UserError} Where the file cannot be read, is too large, is not JSON, or does not fit the
   *   schema.
   */
  read(path: string): Promise<T | undefined>;
  /**
   * Replaces the file in one go; its folder must exist.
   *
   * @throws {UserError} Where the disk refuses; the old file then stays.
   */
  write(path: string, value: T): Promise<void>;
}

/** The form of one kind of JSON file, and its name in messages. */
export interface JsonArtifactOptions<T> {
  /** What the file holds, with its article: "an evaluation". */
  readonly noun: string;
  /** Turns parsed JSON into a value and throws where it does not fit, as a zod schema does. */
  readonly schema: { parse(value: unknown): T };
  /** Larger files are refused before they are read. Default: 64,000,000. */
  readonly maximumBytes?: number | undefined;
  /** Last sentence of a message, the user's next step: "Run deno task evaluate again". */
  readonly advice: string;
  /** Spaces of indentation; 0 puts everything on one line. Default: 2. */
  readonly indent?: number | undefined;
  /** Replaces values that JSON lacks, like the second argument of `JSON.stringify`. Default: none. */
  readonly replacer?: ((key: string, value: unknown) => unknown) | undefined;
}

/**
 * Reader and writer of one kind of JSON file.
 *
 * @example
 * ```ts ignore
 * const scores = jsonArtifact({
 *   noun: "a list of scores",
 *   schema: z.array(z.number()),
 *   advice: "Measure again",
 * });
 * await scores.write("scores.json", [1, 2]);
 * await scores.read("scores.json"); // [1, 2]
 * ```
 */
export function jsonArtifact<T>(options: JsonArtifactOptions<T>): JsonArtifact<T> {
  const { indent = 2, replacer } = options;
  return {
    read: (path) => readArtifact(path, options),
    write: (path, value) => writeFileAtomic(path, JSON.stringify(value, replacer, indent) + "\n"),
  };
}

async function readArtifact<T>(
  path: string,
  { noun, schema, maximumBytes = 64_000_000, advice }: JsonArtifactOptions<T>,
): Promise<T | undefined> {
  const refusal = (found: string, cause?: unknown, expected = noun) =>
    new UserError(`Cannot read "${path}": found ${found}, expected ${expected}. ${advice}`, {
      cause,
    });
  let text: string;
  try {
    const { size } = await Deno.stat(path);
    if (size > maximumBytes) {
      throw refusal(`${size} bytes`, undefined, `${noun} of at most ${maximumBytes} bytes`);
    }
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof UserError) throw error;
    throw refusal(`no readable file (${messageOf(error)})`, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refusal(`no JSON (${messageOf(error)})`, error);
  }
  try {
    return schema.parse(value);
  } catch (error) {
    throw refusal(`another form (${messageOf(error)})`, error);
  }
}

/** The first of a schema's complaints with its place, or the message of any other error. */
function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    if (issue !== undefined) {
      return issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message;
    }
  }
  return error instanceof Error ? error.message : String(error);
}
