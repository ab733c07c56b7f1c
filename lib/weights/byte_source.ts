/**
 * Bytes that are read by position, from an open file or from memory.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";
import { readAt } from "../io/positioned_file.ts";

/** Bytes of a known size that can be read from any position; `Symbol.dispose` closes it. */
export interface ByteSource extends Disposable {
  /** The source as messages name it: a path in quotes. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /**
   * Fills `into` with the bytes from `position` on.
   *
   * @throws {UserError} Where the source ends before `into` is full.
   */
  read(position: number, into: Uint8Array): void;
}

/**
 * A source of bytes in memory.
 *
 * @param name The source as messages name it.
 *
 * @example
 * ```ts
 * import { bytesSource } from "@hashigo/hashigo/weights";
 * using source = bytesSource(Uint8Array.of(1, 2, 3));
 * const two = new Uint8Array(2);
 * source.read(1, two);
 * if (two.join() !== "2,3") throw new Error();
 * ```
 */
export function bytesSource(bytes: Uint8Array, name = "the bytes"): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (position, into) => {
      if (position + into.length > bytes.length) throw endReached(name, position, into.length);
      into.set(bytes.subarray(position, position + into.length));
    },
    [Symbol.dispose]: () => {},
  };
}

/**
 * Opens a file as a source of bytes; `Symbol.dispose` closes it.
 *
 * @throws {UserError} Where there is no such file, or it is a folder, or may not be read.
 *
 * @example
 * ```ts
 * import { fileSource } from "@hashigo/hashigo/weights";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "hello");
 * {
 *   using source = await fileSource(path);
 *   if (source.size !== 5) throw new Error();
 * }
 * await Deno.remove(path);
 * ```
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const name = `"${path}"`;
  const file = await Deno.open(path).catch((error) => {
    throw explain(error, name);
  });
  const { size, isFile } = await file.stat();
  if (!isFile) {
    file.close();
    throw new UserError(`Cannot read ${name}: found no regular file. Give the path of a file`);
  }
  return {
    name,
    size,
    read: (position, into) => {
      if (readAt(file, position, into) < into.length) throw endReached(name, position, into.length);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

function explain(error: unknown, name: string): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new UserError(`Cannot read ${name}: no such file. Check its name and folder`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new UserError(`Cannot read ${name}: this user may not. Change the file's permissions`);
  }
  return error;
}

function endReached(name: string, position: number, length: number): UserError {
  return new UserError(
    `Cannot read ${name}: found its end, expected ${length} bytes at byte ${position}. ` +
      "The file is cut short, or changes while it is read: make or fetch it again",
  );
}
