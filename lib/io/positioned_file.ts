/** Reads and writes at a position of an open file. The system may move fewer bytes at once; these move all. */

/** Fills `bytes` from a position; returns how many bytes the file had, fewer only at its end. */
export function readAt(file: Deno.FsFile, position: number, bytes: Uint8Array): number {
  file.seekSync(position, Deno.SeekMode.Start);
  let done = 0;
  while (done < bytes.length) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) break;
    done += count;
  }
  return done;
}

/** Writes all bytes at a position. */
export function writeAt(file: Deno.FsFile, position: number, bytes: Uint8Array): void {
  file.seekSync(position, Deno.SeekMode.Start);
  appendSync(file, bytes);
}

/** Writes all bytes where the file stands. */
export function appendSync(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

/** Writes all bytes where the file stands, without blocking the process. */
export async function append(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
