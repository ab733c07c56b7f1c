/** Files in memory: what is written is seen, and nothing beyond their end is touched. */
import { assertEquals, assertThrows } from "@std/assert";
import { mapFile } from "../../../lib/engine/ffi/mapped_file.ts";

const unmapped = Deno.build.os === "windows"; // There files are read by position.

async function withFile(bytes: Uint8Array, run: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "hashigo ünï" });
  try {
    await Deno.writeFile(path, bytes);
    run(path);
  } finally {
    await Deno.remove(path);
  }
}

const content = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);

Deno.test(
  { name: "a mapped file is read at any position", ignore: unmapped },
  () =>
    withFile(content, (path) => {
      using file = mapFile(path, content.length)!;
      for (const [from, length] of [[0, 10_000], [4095, 2], [9_999, 1]] as const) {
        const into = new Uint8Array(length);
        assertEquals(file.copy(from, into), true);
        assertEquals(into, content.slice(from, from + length));
      }
      for (const from of [-1, 9_999, 1e15]) assertEquals(file.copy(from, new Uint8Array(2)), false);
    }),
);

Deno.test(
  { name: "what is written after a file was mapped is seen", ignore: unmapped },
  () =>
    withFile(content, (path) => {
      using mapped = mapFile(path, content.length)!;
      using file = Deno.openSync(path, { write: true });
      file.seekSync(5000, Deno.SeekMode.Start);
      file.writeSync(Uint8Array.of(7, 8));
      const into = new Uint8Array(2);
      assertEquals(mapped.copy(5000, into), true);
      assertEquals([...into], [7, 8]);
    }),
);

Deno.test(
  { name: "a short, cut or absent file is not touched beyond its end", ignore: unmapped },
  () =>
    withFile(content, (path) => {
      assertEquals(mapFile(path, content.length + 1), undefined);
      assertEquals(mapFile(path, 0), undefined);
      assertEquals(mapFile(`${path}.absent`, 1), undefined);
      using file = mapFile(path, content.length)!;
      Deno.truncateSync(path, 100);
      assertEquals(file.copy(8192, new Uint8Array(10)), false);
      assertEquals(file.copy(50, new Uint8Array(10)), true);
    }),
);

Deno.test(
  { name: "a closed file is not read again", ignore: unmapped },
  () =>
    withFile(content, (path) => {
      const file = mapFile(path, content.length)!;
      file[Symbol.dispose]();
      file[Symbol.dispose]();
      assertThrows(() => file.copy(0, new Uint8Array(1)), Error, "no longer mapped");
    }),
);

Deno.test(
  {
    name: "without the permission for FFI nothing is mapped",
    permissions: { read: true, write: true },
  },
  () => withFile(content, (path) => assertEquals(mapFile(path, content.length), undefined)),
);
