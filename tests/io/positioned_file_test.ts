import { assertEquals } from "@std/assert";
import { fileDigest } from "../../lib/io/digest.ts";
import { append, appendSync, readAt, writeAt } from "../../lib/io/positioned_file.ts";

Deno.test("bytes are written and read at positions, in any order", async () => {
  const path = await Deno.makeTempFile();
  try {
    using file = await Deno.open(path, { read: true, write: true });
    writeAt(file, 4, Uint8Array.of(5, 6));
    writeAt(file, 0, Uint8Array.of(1, 2));
    const bytes = new Uint8Array(4);
    assertEquals([readAt(file, 2, bytes), ...bytes], [4, 0, 0, 5, 6]);
    assertEquals([readAt(file, 4, bytes), ...bytes.subarray(0, 2)], [2, 5, 6]);
    assertEquals(readAt(file, 9, bytes), 0);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("appended bytes follow one another, and the digest is that of the whole file", async () => {
  const path = await Deno.makeTempFile();
  try {
    using file = await Deno.open(path, { write: true });
    appendSync(file, new TextEncoder().encode("a"));
    await append(file, new TextEncoder().encode("bc"));
    assertEquals(await Deno.readTextFile(path), "abc");
    // The example of FIPS 180-2.
    assertEquals(
      await fileDigest(path),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a system that takes and gives a few bytes at a time gets and gives all of them", async () => {
  const stored = new Uint8Array(10);
  let at = 0;
  const few = (bytes: Uint8Array) => Math.min(3, bytes.length);
  const writeSync = (bytes: Uint8Array) => {
    stored.set(bytes.subarray(0, few(bytes)), at);
    at += few(bytes);
    return few(bytes);
  };
  const file = {
    seekSync: (position: number) => at = position,
    writeSync,
    write: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)),
    readSync: (bytes: Uint8Array) => {
      bytes.set(stored.subarray(at, at + few(bytes)));
      at += few(bytes);
      return few(bytes);
    },
  } as unknown as Deno.FsFile;
  writeAt(file, 1, Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
  assertEquals([...stored], [0, 1, 2, 3, 4, 5, 6, 7, 0, 0]);
  const read = new Uint8Array(8);
  assertEquals([readAt(file, 0, read), ...read], [8, 0, 1, 2, 3, 4, 5, 6, 7]);
  at = 6;
  await append(file, Uint8Array.of(9, 9, 9, 9));
  assertEquals([...stored.subarray(5)], [5, 9, 9, 9, 9]);
});
