/** Files that the system maps into memory, so that pages it holds already are read without a system call. */
import { cLibraryPath } from "./c_library.ts";

/** The C library's calls. */
const symbols = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

// The same numbers on Linux and macOS.
const readOnly = 0, fromEnd = 2, protectRead = 1, mapShared = 1;
const mapFailed = 2n ** 64n - 1n;

/** A file in memory. */
export interface MappedFile extends Disposable {
  /**
   * Copies the bytes from a position; false where the file ends before their end. Copies, because the
   * memory itself may be unmapped, and other processes write to it.
   *
   * @throws {Error} where the file was closed
   */
  copy(position: number, into: Uint8Array<ArrayBuffer>): boolean;
}

/**
 * Maps the first bytes of a file for reading. Later writes of any process are seen.
 *
 * @returns undefined where the file is shorter, or cannot be mapped here: on Windows, without the
 * permission for FFI, where the C library has another name.
 */
export function mapFile(path: string, bytes: number): MappedFile | undefined {
  if (cLibraryPath === undefined || bytes < 1) return undefined;
  // A query, not a request: a prompt in the middle of a run would stop it.
  const permission = Deno.permissions.querySync({ name: "ffi", path: cLibraryPath });
  if (permission.state !== "granted") return undefined;
  let libc: Deno.DynamicLibrary<typeof symbols>;
  try {
    libc = Deno.dlopen(cLibraryPath, symbols);
  } catch {
    return undefined;
  }
  const { open, lseek, mmap, munmap, close } = libc.symbols;
  const file = open(new TextEncoder().encode(`${path}\0`), readOnly);
  const length = () => Number(lseek(file, 0n, fromEnd));
  // Beyond the end there is no memory, and touching it would kill the process.
  const start = file >= 0 && length() >= bytes
    ? mmap(null, BigInt(bytes), protectRead, mapShared, file, 0n)
    : null;
  if (start === null || Deno.UnsafePointer.value(start) === mapFailed) {
    if (file >= 0) close(file);
    libc.close();
    return undefined;
  }
  let closed = false;
  return {
    copy(position, into) {
      if (closed) throw new Error(`Cannot read "${path}": it is no longer mapped`);
      const end = position + into.length;
      // Measured every time: another process may have cut the file.
      if (!(position >= 0 && end <= bytes && end <= length())) return false;
      Deno.UnsafePointerView.copyInto(start, into, position);
      return true;
    },
    [Symbol.dispose]() {
      if (closed) return;
      closed = true;
      munmap(start, BigInt(bytes));
      close(file);
      libc.close();
    },
  };
}
