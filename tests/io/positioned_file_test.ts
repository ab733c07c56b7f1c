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
