import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { readImageSize } from "../../../lib/images/codec/decode.ts";
import { decodeMask } from "../../../lib/images/codec/decode_mask.ts";
import golden from "../../golden/images/masks.json" with { type: "json" };

for (const { name, file, values } of golden) {
  Deno.test(`${name}: the values that Pillow reads`, async () => {
    const side = Math.sqrt(values.length);
    const mask = await decodeMask(Uint8Array.fromBase64(file), side, { width: side, height: side });
    assertEquals([...mask], values);
  });
}

const grey = (values: number[], width: number) =>
  sharp(Uint8Array.from(values), { raw: { width, height: values.length / width, channels: 1 } })
    .toColourspace("b-w");

Deno.test("pixels are nearest to the middles of the result's, shrunk and enlarged", async () => {
  const values = [9, 1, 2, 3, 4, 9, 9, 5, 6, 7, 8, 9, 9, 1, 2, 3, 4, 9, 9, 5, 6, 7, 8, 9];
  const mask = await grey(values, 6).png().toBuffer();
  const size = { width: 6, height: 4 };
  assertEquals([...await decodeMask(mask, 2, size)], [6, 8, 6, 8]);
  const twice = await decodeMask(mask, 8, size);
  assertEquals([...twice.subarray(0, 8)], [1, 1, 2, 2, 3, 3, 4, 4]);
});

/** A JPEG of 6 x 4 pixels, stored so that an orientation turns it upright. */
async function turnedImage(orientation: number) {
  const create = { width: 6, height: 4, channels: 3, background: "#808080" } as const;
  const file = await sharp({ create }).withMetadata({ orientation }).jpeg().toBuffer();
  return await readImageSize(file);
}

const stored = Array.from({ length: 24 }, (_, i) => i);
/** The middle 4 x 4 pixels of the stored mask, a quarter turn clockwise and anticlockwise. */
const clockwise = [19, 13, 7, 1, 20, 14, 8, 2, 21, 15, 9, 3, 22, 16, 10, 4];
const anticlockwise = clockwise.toReversed();

Deno.test("a mask of the size that its image had before EXIF turned it is turned as well", async () => {
  const mask = await grey(stored, 6).png().toBuffer();
  assertEquals([...await decodeMask(mask, 4, await turnedImage(6))], clockwise);
  assertEquals([...await decodeMask(mask, 4, await turnedImage(8))], anticlockwise);
  assertEquals([...await decodeMask(mask, 4, await turnedImage(5))], [
    ...[1, 7, 13, 19],
    ...[2, 8, 14, 20],
    ...[3, 9, 15, 21],
    ...[4, 10, 16, 22],
  ]);
});

Deno.test("a mask of the size that its image has afterwards stays, and one with a tag obeys it", async () => {
  const upright = await grey(stored, 4).png().toBuffer();
  const rows = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
  assertEquals([...await decodeMask(upright, 4, await turnedImage(6))], rows);
  const tagged = await grey(stored, 6).withMetadata({ orientation: 6 }).png().toBuffer();
  assertEquals([...await decodeMask(tagged, 4, await turnedImage(6))], clockwise);
});

Deno.test("a mask that may be turned or not is refused, and so is another size", async () => {
  const mask = await grey(stored, 6).png().toBuffer();
  const half = await assertRejects(async () => decodeMask(mask, 4, await turnedImage(3)), Error);
  assertStringIncludes(half.message, "EXIF orientation 3");
  assertStringIncludes(half.message, "Save the image upright");
  const square = await grey(stored.slice(0, 16), 4).png().toBuffer();
  const image = { width: 4, height: 4, orientation: 6 };
  await assertRejects(() => decodeMask(square, 4, image), Error, "no telling");
  const other = { width: 7, height: 6, orientation: 6 };
  await assertRejects(() => decodeMask(mask, 4, other), Error, "6 x 4 pixels and its image 7 x 6");
});

Deno.test("masks whose values cannot be told are refused with how to convert them", async () => {
  const size = { width: 6, height: 4 };
  const refuse = async (file: Uint8Array, reason: string) => {
    const { message } = await assertRejects(() => decodeMask(file, 4, size), Error);
    assertStringIncludes(message, reason);
    assertStringIncludes(message, "Save it as PNG");
  };
  await refuse(await grey(stored, 6).jpeg().toBuffer(), "jpeg file, which may change values");
  await refuse(await grey(stored, 6).gif().toBuffer(), "gif file");
  const colours = sharp(Uint8Array.from({ length: 72 }, (_, i) => i), {
    raw: { width: 6, height: 4, channels: 3 },
  });
  await refuse(await colours.clone().png().toBuffer(), "colours, such as 0, 1, 2");
  await refuse(await colours.clone().ensureAlpha().png().toBuffer(), "4 channels");
  const deep = await grey(stored, 6).toColourspace("grey16").png().toBuffer();
  await refuse(deep, "expected at most 255"); // stretched to 16 bits
});

Deno.test("a mask that unpacks to more than its size is refused before it fills the memory", async () => {
  const whole = await grey(stored, 6).png().toBuffer();
  const claimed = Uint8Array.from(whole);
  new DataView(claimed.buffer).setUint32(20, 3); // rows
  await assertRejects(() => decodeMask(claimed, 4, { width: 6, height: 3 }), Error);
  const truncated = whole.subarray(0, whole.length - 16);
  await assertRejects(() => decodeMask(truncated, 4, { width: 6, height: 4 }), Error);
});
