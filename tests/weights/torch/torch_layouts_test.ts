/** Zips and files of the older layout that are damaged or hostile: each is refused with its reason. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { bytesSource } from "../../../lib/weights/byte_source.ts";
import { checkpointFrom } from "../../../lib/weights/checkpoint_file.ts";
import { dict, joined, letters, refusalOf, tensor, text, zipOf } from "./torch_file_fixture.ts";

const pickle = `\x80\x02${dict("w", tensor())}.`, numbers = new Uint8Array(24);

/** A small entry that claims to become four gigabytes. */
function bomb(): Uint8Array {
  const bytes = zipOf({ "a/data.pkl": pickle, "a/data/0": numbers });
  const view = new DataView(bytes.buffer);
  const listed = view.getUint32(bytes.length - 6, true);
  view.setUint16(listed + 10, 8, true);
  view.setUint32(listed + 24, 0xfffffffe, true);
  return bytes;
}

const zips: Record<string, [bytes: Uint8Array, fault: string]> = {
  "big-endian numbers": [
    zipOf({ "a/data.pkl": pickle, "a/data/0": numbers, "a/byteorder": "big" }),
    'the byte order "big", expected "little"',
  ],
  "a compressed pickle": [bomb(), 'the entry "data.pkl" compressed or encrypted'],
  "another zip file": [zipOf({ "a/b.txt": "hello" }), "with 0 data.pkl in a folder"],
  "two checkpoints": [zipOf({ "a/data.pkl": pickle, "b/data.pkl": pickle }), "with 2 data.pkl"],
};
for (const [description, [bytes, fault]] of Object.entries(zips)) {
  Deno.test(`refused: ${description}`, () => assertStringIncludes(refusalOf(bytes), fault));
}

/** The older layout, of any parts. */
const series = (
  {
    magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
    little = "\x88",
    keys = `](${text("0")}e`,
    count = 6,
    rest = "",
  } = {},
) =>
  joined(
    letters(
      `\x80\x02${magic}.\x80\x02M\xe9\x03.\x80\x02${dict("little_endian", little)}.` +
        `${pickle}\x80\x02${keys}.`,
    ),
    new Uint8Array(BigInt64Array.of(BigInt(count)).buffer),
    numbers,
    letters(rest),
  );

Deno.test("a valid file in the older layout", () => {
  using file = checkpointFrom(bytesSource(series()));
  assertEquals(file.read("w"), new Float32Array(6));
});

const older: Record<string, [bytes: Uint8Array, fault: string]> = {
  "another pickle": [series({ magic: "K\x01" }), "a pickle that torch.save did not write"],
  "big-endian numbers": [series({ little: "\x89" }), "big-endian numbers"],
  "no list of storages": [series({ keys: "N" }), "no list of its 1 storages"],
  "other storages": [series({ keys: `](${text("1")}e` }), "a list of other storages"],
  "storages twice": [series({ keys: `](${text("0")}${text("0")}e` }), "no list of its 1"],
  "another count": [series({ count: 5 }), '5 numbers in the storage "0", expected 6'],
  "bytes behind": [series({ rest: "a" }), "1 bytes behind the last storage"],
  "a storage cut short": [series().slice(0, -1), 'bytes for the storage "0", expected 32'],
  "a pickle cut short": [series().slice(0, 60), "a pickle that ends at byte 60"],
};
for (const [description, [bytes, fault]] of Object.entries(older)) {
  Deno.test(`refused in the older layout: ${description}`, () =>
    assertStringIncludes(refusalOf(bytes), fault));
}
