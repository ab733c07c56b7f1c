/**
 * Reads files whose SHA-256 is known, such as embedded networks.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

/** Path, size and digest of a file. */
export interface FileIdentity {
  /** Relative to a folder, parts joined by "/". */
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

/**
 * SHA-256 of bytes or of text (UTF-8), 64 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { sha256 } from "./verified_file.ts";
 * if (!(await sha256("")).startsWith("e3b0c442")) throw new Error();
 * ```
 */
export async function sha256(content: Uint8Array | string): Promise<string> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : new Uint8Array(content);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Reads a file and checks its size and digest.
 *
 * @param file The expected file; `file.path` is relative to `folder`.
 * @param folder URL of the folder, ending in a slash.
 * @throws {UserError} Where the file is missing, or has another size or digest.
 *
 * @example
 * ```ts
 * import { readVerifiedFile } from "@hashigo/hashigo/weights";
 * import { sha256 } from "./verified_file.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "hello");
 * const file = { path: "a.txt", bytes: 5, sha256: await sha256("hello") };
 * const bytes = await readVerifiedFile(file, new URL(`file://${folder}/`));
 * if (bytes.length !== 5) throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function readVerifiedFile(
  file: FileIdentity,
  folder: URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const address = new URL(file.path, folder);
  const next = "Restore the file from the repository (git checkout), or fetch the package again";
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(address);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(`Cannot read "${address.pathname}": there is no such file. ${next}`);
  }
  if (bytes.length !== file.bytes) {
    throw new UserError(
      `Cannot use "${address.pathname}": found ${bytes.length} bytes, expected ${file.bytes}. ${next}`,
    );
  }
  const digest = await sha256(bytes);
  if (digest !== file.sha256) {
    throw new UserError(
      `Cannot use "${address.pathname}": found the SHA-256 ${digest}, expected ${file.sha256}. ${next}`,
    );
  }
  return bytes;
}
