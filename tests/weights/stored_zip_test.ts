/** The end of a zip of more entries than 16 bits count, field by field as the format says. */
import { assertEquals } from "@std/assert";
import { encodeStoredZip } from "../../lib/weights/stored_zip.ts";

/** The last bytes of a zip of so many empty entries. */
function endOf(entries: number, bytes: number): DataView {
  const pieces = [
    ...encodeStoredZip(
      Array.from({ length: entries }, (_, i) => ({ name: `${i}`, bytes: new Uint8Array() })),
    ),
  ];
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return new DataView(whole.buffer, whole.length - bytes);
}

Deno.test("beyond 65,534 entries the number stands in 64 bits", () => {
  const view = endOf(66_000, 56 + 20 + 22);
  const u32 = (at: number) => view.getUint32(at, true),
    u64 = (at: number) => Number(view.getBigUint64(at, true));
  assertEquals([u32(0), u64(4)], [0x06064b50, 44], "the record, and what follows of it");
  assertEquals([u32(16), u32(20), u64(24), u64(32)], [0, 0, 66_000, 66_000], "disks, entries");
  const [size, offset] = [u64(40), u64(48)];
  assertEquals(u32(56), 0x07064b50);
  assertEquals([u32(60), u64(64), u32(72)], [0, offset + size, 1], "where the record lies");
  assertEquals(u32(76), 0x06054b50);
  assertEquals([view.getUint16(84, true), view.getUint16(86, true)], [0xffff, 0xffff]);
  assertEquals([u32(88), u32(92)], [size, offset]);
});

Deno.test("65,534 entries are counted in 16 bits, as before", () => {
  const view = endOf(65_534, 22);
  assertEquals(view.getUint32(0, true), 0x06054b50);
  assertEquals([view.getUint16(8, true), view.getUint16(10, true)], [65_534, 65_534]);
});
