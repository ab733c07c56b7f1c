import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { type ByteSource, bytesSource, fileSource } from "../../lib/weights/byte_source.ts";
import { refuseReading } from "../../lib/weights/refuse_reading.ts";
import { readZipDirectory } from "../../lib/weights/zip_directory.ts";
import { openCheckpoint } from "../../lib/weights/checkpoint_file.ts";
import { dict, joined, letters, tensor, zipOf } from "./torch/torch_file_fixture.ts";

const read = (source: ByteSource) => readZipDirectory(source, refuseReading(source.name));

const two = zipOf({ "a/one": "first", "a/two": "second!" });
/** Positions in it: of the last record, of the directory, and of the second header. */
const view = new DataView(two.buffer);
const end = two.length - 22;
const listed = view.getUint32(end + 16, true);
const second = view.getUint32(listed + 46 + 5 + 42, true);

Deno.test("the bytes of stored entries are found", () => {
  const entries = read(bytesSource(two));
  assertEquals([...entries.keys()], ["a/one", "a/two"]);
  for (const [name, content] of [["a/one", "first"], ["a/two", "second!"]] as const) {
    const { position, size, stored } = entries.get(name)!;
    assertEquals([position % 64, stored], [0, true]);
    assertEquals(two.slice(position, position + size), letters(content));
  }
});

Deno.test("a comment at the end is allowed", () => {
  const comment = joined(two, letters("PK\x05\x06 is how it begins"));
  new DataView(comment.buffer).setUint16(end + 20, comment.length - two.length, true);
  assertEquals(read(bytesSource(comment)).size, 2);
});

/** The zip file with other numbers at some positions: `[position, bytes, value]`. */
function patched(...changes: [at: number, width: 2 | 4, value: number][]): Uint8Array {
  const bytes = two.slice(), view = new DataView(bytes.buffer);
  for (const [at, width, value] of changes) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return bytes;
}

Deno.test("compressed and encrypted entries are marked as not stored", () => {
  const compressed = read(bytesSource(patched([listed + 10, 2, 8], [listed + 24, 4, 2 ** 31])));
  assertEquals([...compressed.values()].map(({ stored }) => stored), [false, true]);
  const encrypted = read(bytesSource(patched([listed + 8, 2, 1])));
  assertEquals([...encrypted.values()].map(({ stored }) => stored), [false, true]);
});

const refused: Record<string, [bytes: Uint8Array, fault: string]> = {
  "a file cut short": [two.slice(0, -1), "without its directory"],
  "an empty directory elsewhere": [patched([end + 12, 4, 0]), "expected its end at"],
  "a directory beyond the file": [patched([end + 12, 4, 2 ** 31]), "expected its end at"],
  "a directory too early": [patched([end + 16, 4, listed - 1]), "expected its end at"],
  "more entries than there are": [
    patched([end + 10, 2, 3]),
    "2 entries in the directory, expected 3",
  ],
  "fewer entries than there are": [
    patched([end + 10, 2, 1]),
    "2 entries in the directory, expected 1",
  ],
  "a name beyond the directory": [patched([listed + 51 + 28, 2, 500]), "cut short"],
  "another size once stored": [patched([listed + 24, 4, 6]), '5 bytes for the entry "a/one"'],
  "bytes of the next entry": [
    patched([listed + 20, 4, second], [listed + 24, 4, second]),
    'the entry "a/two" within the one before it',
  ],
  "bytes of the directory": [
    patched([listed + 51 + 20, 4, 500], [listed + 51 + 24, 4, 500]),
    '500 bytes for the entry "a/two"',
  ],
  "two entries at one place": [patched([listed + 51 + 42, 4, 0]), 'the entry "a/two" within'],
  "an entry beyond the file": [patched([listed + 42, 4, 2 ** 31]), 'the entry "a/one" at byte'],
  "no entry where one should be": [patched([0, 4, 0]), 'no entry "a/one" at byte 0'],
  "a header that goes too far": [patched([28, 2, 60000]), 'no entry "a/one" at byte 0'],
  "another name before the bytes": [patched([30, 2, 0x6262]), 'expected "a/one"'],
  "a name twice": [
    patched([listed + 51 + 47, 4, 0x656e6f2f], [second + 31, 4, 0x656e6f2f]),
    'the entry "a/one" twice',
  ],
  "a size that zip64 does not give": [patched([listed + 24, 4, 0xffffffff]), "no size"],
};
for (const [description, [bytes, fault]] of Object.entries(refused)) {
  Deno.test(`refused: ${description}`, () => {
    assertThrows(() => read(bytesSource(bytes)), UserError, fault);
  });
}

const u64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const u16 = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
const none = 0xffffffff;

/**
 * A local header, or the entry in the directory where `at` is given; sizes stand in zip64's field.
 */
function header(name: string, size: number, at?: number): Uint8Array {
  const extra = joined(
    u16(1, at === undefined ? 16 : 24),
    u64(size),
    u64(size),
    at === undefined ? new Uint8Array() : u64(at),
  );
  const common = joined(u16(45, 0, 0, 0, 33), u32(0, none, none), u16(name.length, extra.length));
  return at === undefined
    ? joined(u32(0x04034b50), common, letters(name), extra)
    : joined(u32(0x02014b50), u16(45), common, new Uint8Array(10), u32(none), letters(name), extra);
}

/** The last records of a zip64 file. */
function ending(count: number, size: number, position: number): Uint8Array {
  return joined(
    joined(u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0), u64(count), u64(count)),
    joined(u64(size), u64(position)),
    joined(u32(0x07064b50, 0), u64(position + size), u32(1)),
    joined(u32(0x06054b50, 0), u16(0xffff, 0xffff), u32(none, none), u16(0)),
  );
}

Deno.test("a checkpoint of more than 4 GB", async () => {
  const path = await Deno.makeTempFile();
  try {
    const pickle = letters(`\x80\x02${dict("w", tensor())}.`);
    const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    const hole = 5 * 2 ** 30; // of which a file system keeps nothing
    const start = joined(header("a/data.pkl", pickle.length), pickle, header("a/data/1", hole));
    const rest = joined(header("a/data/0", 24), numbers);
    const directory = joined(
      header("a/data.pkl", pickle.length, 0),
      header("a/data/1", hole, start.length - header("a/data/1", hole).length),
      header("a/data/0", 24, start.length + hole),
    );
    const position = start.length + hole + rest.length;
    {
      using file = await Deno.open(path, { write: true });
      await file.write(start);
      await file.seek(start.length + hole, Deno.SeekMode.Start);
      await file.write(joined(rest, directory, ending(3, directory.length, position)));
    }
    using file = await openCheckpoint(path);
    assertEquals(file.read("w"), Float32Array.of(1, 2, 3, 4, 5, 6));
    using source = await fileSource(path);
    assertEquals(read(source).get("a/data/1")?.size, hole);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("refused: a false zip64 directory", () => {
  const refusal = (bytes: Uint8Array, fault: string) =>
    assertThrows(() => read(bytesSource(bytes)), UserError, fault);
  const start = joined(header("a", 1), letters("x")), directory = header("a", 1, 0);
  const whole = joined(start, directory, ending(1, directory.length, start.length));
  assertEquals(read(bytesSource(whole)).get("a")?.size, 1);
  refusal(joined(start, directory, ending(2 ** 52, directory.length, start.length)), "entries in");
  refusal(joined(start, directory, ending(1, 2 ** 52, start.length)), "a zip64 record at byte");
  refusal(joined(start, directory, ending(1, 0, 0)), "no zip64 record at byte 0");
});

Deno.test("an entry that begins in the last byte of the one before it is refused", () => {
  const { position, size } = read(bytesSource(two)).get("a/one")!;
  const overlapping = two.slice();
  new DataView(overlapping.buffer).setUint32(listed + 46 + 5 + 42, position + size - 1, true);
  const error = assertThrows(() => read(bytesSource(overlapping)), UserError);
  assertEquals(error.message.includes("within the one before it"), true, error.message);
});
