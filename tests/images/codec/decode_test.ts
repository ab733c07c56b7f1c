import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { UserError } from "../../../lib/errors/user_error.ts";
import { decodeImage } from "../../../lib/images/codec/decode.ts";
import { pixels, png } from "../images_fixture.ts";

const red = { width: 8, height: 8, channels: 3, background: { r: 200, g: 40, b: 10 } } as const;

/** The largest distance of any pixel from one colour. */
function distance(pixels: Uint8Array, colour: readonly number[]): number {
  return pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - colour[i % 3]!)), 0);
}

Deno.test("a PNG of the canvas's size keeps its bytes", async () => {
  assertEquals(new Uint8Array(await decodeImage(await png(3), 12)), pixels(3, 12, 12));
});

Deno.test("grey files, also of 1 and 16 bits, become three equal channels", async () => {
  const ramp = Uint8Array.from({ length: 64 }, (_, i) => 4 * i);
  const grey = () => sharp(ramp, { raw: { width: 8, height: 8, channels: 1 } });
  const expected = Uint8Array.from({ length: 192 }, (_, i) => ramp[Math.floor(i / 3)]!);
  const plain = await grey().toColourspace("b-w").png().toBuffer();
  assertEquals((await sharp(plain).metadata()).channels, 1);
  assertEquals(new Uint8Array(await decodeImage(plain, 8)), expected);
  const deep = await grey().toColourspace("grey16").png().toBuffer();
  assertEquals((await sharp(deep).metadata()).depth, "ushort");
  assertLess(distanceOf(await decodeImage(deep, 8), expected), 2);
  const jpeg = await grey().toColourspace("b-w").jpeg({ quality: 100 }).toBuffer();
  assertEquals((await sharp(jpeg).metadata()).channels, 1);
  assertLess(distanceOf(await decodeImage(jpeg, 8), expected), 3);
  const bits = await sharp(ramp.map((v) => v < 128 ? 0 : 255), {
    raw: { width: 8, height: 8, channels: 1 },
  }).toColourspace("b-w").png({ palette: true, colours: 2 }).toBuffer();
  const black = await decodeImage(bits, 8);
  assertEquals([black[0], black[191], black.length], [0, 255, 192]);
});

function distanceOf(pixels: Uint8Array, expected: Uint8Array): number {
  assertEquals(pixels.length, expected.length);
  return pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}

Deno.test("JPEG, WebP, 16-bit colour and CMYK are decoded to the colour of the file", async () => {
  const colour = [200, 40, 10];
  const make = () => sharp({ create: red });
  const jpeg = await make().jpeg({ quality: 95 }).toBuffer();
  assertLess(distance(await decodeImage(jpeg, 8), colour), 4);
  const webp = await make().webp({ lossless: true }).toBuffer();
  assertEquals(distance(await decodeImage(webp, 8), colour), 0);
  const deep = await make().toColourspace("rgb16").png().toBuffer();
  assertEquals((await sharp(deep).metadata()).depth, "ushort");
  assertLess(distance(await decodeImage(deep, 8), colour), 2);
  const cmyk = await make().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
  assertEquals((await sharp(cmyk).metadata()).space, "cmyk");
  assertLess(distance(await decodeImage(cmyk, 8), colour), 30); // its profile's inks print no such red
});

Deno.test("transparent pixels are laid on white, or on the colour of an option", async () => {
  const create = { ...red, channels: 4, background: { ...red.background, alpha: 0.5 } } as const;
  const file = await sharp({ create }).png().toBuffer();
  const mixed = (ground: number) =>
    [200, 40, 10].map((value) => Math.round((value * 128 + ground * 127) / 255));
  for (const canvas of [3, 8, 20]) {
    assertEquals(distance(await decodeImage(file, canvas), mixed(255)), 0);
    const onBlack = await decodeImage(file, canvas, { background: "#000000" });
    assertEquals(distance(onBlack, mixed(0)), 0);
  }
  await assertRejects(() => decodeImage(file, 8, { background: "black" }), UserError, '"black"');
});

Deno.test("the shorter side becomes the canvas and the centre stays", async () => {
  // Red, green and blue thirds, side by side: only the green one is in the middle square.
  const thirds = Uint8Array.from({ length: 30 * 10 * 3 }, (_, i) => {
    const third = Math.floor((Math.floor(i / 3) % 30) / 10);
    return i % 3 === third ? 255 : 0;
  });
  const file = await sharp(thirds, { raw: { width: 30, height: 10, channels: 3 } }).png()
    .toBuffer();
  assertEquals(distance(await decodeImage(file, 10), [0, 255, 0]), 0);
  assertEquals((await decodeImage(file, 5)).length, 75);
});

Deno.test("images are turned upright by their EXIF orientation", async () => {
  const halves = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => i < 96 ? 255 : 0);
  const upright = sharp(halves, { raw: { width: 8, height: 8, channels: 3 } });
  const turned = await upright.withMetadata({ orientation: 3 }).png().toBuffer(); // by half a turn
  const decoded = await decodeImage(turned, 8);
  assertEquals([decoded[0], decoded[191]], [0, 255]);
});

Deno.test("values of 16 bits that use 12 are refused with how to mend them, 13 are read", async () => {
  const withAlpha = (most: number) =>
    sharp(Uint16Array.from({ length: 128 }, (_, i) => i % 2 === 0 ? most : 40000 + i), {
      raw: { width: 8, height: 8, channels: 2 },
    });
  const flat = (most: number) =>
    sharp(new Uint16Array(64).fill(most), { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace("grey16").png().toBuffer();
  const { message } = await assertRejects(async () => decodeImage(await flat(4095), 8), Error);
  assertStringIncludes(message, "reach only 4095 of 65535");
  assertStringIncludes(message, "Multiply them by 16");
  // Alpha is no value: it reaches 65535 in every file.
  const clear = await withAlpha(4000).toColourspace("grey16").png().toBuffer();
  assertEquals((await sharp(clear).metadata()).hasAlpha, true);
  await assertRejects(() => decodeImage(clear, 8), Error, "reach only 4000");
  assertEquals(distance(await decodeImage(await flat(8192), 8), [32, 32, 32]), 0);
  assertEquals(distance(await decodeImage(await flat(0), 8), [0, 0, 0]), 0);
});

Deno.test("colours of an embedded profile become sRGB, of 8 and of 16 bits", async () => {
  const colour = [180, 90, 40];
  const create = { width: 8, height: 8, channels: 3, background: "#b45a28" } as const;
  const wide = await sharp({ create }).withIccProfile("p3").png().toBuffer();
  assert((await sharp(wide).metadata()).hasProfile);
  assertLess(5, distance(await sharp(wide, { ignoreIcc: true }).raw().toBuffer(), colour));
  assertLess(distance(await decodeImage(wide, 8), colour), 3);
  const deep = await sharp({ create }).toColourspace("rgb16").withIccProfile("p3").png().toBuffer();
  assertEquals((await sharp(deep).metadata()).depth, "ushort");
  assertLess(distance(await decodeImage(deep, 8), colour), 3);
  const plain = await sharp({ create }).toColourspace("rgb16").png().toBuffer();
  assertLess(distance(await decodeImage(plain, 8), colour), 2);
});

Deno.test("an image above the limit is refused before it is decoded, with the option's name", async () => {
  const file = await png(0, 40, 30);
  assertEquals((await decodeImage(file, 8, { maximumPixels: 1200 })).length, 192);
  const { message } = await assertRejects(
    () => decodeImage(file, 8, { maximumPixels: 1199 }),
    Error,
  );
  assertStringIncludes(message, "40 x 30 = 0.0012 million pixels");
  assertStringIncludes(message, "images.maximumPixels");
});

Deno.test("kinds of files that cannot be shown as they are meant are refused by name", async () => {
  const svg = new TextEncoder().encode(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
  );
  await assertRejects(() => decodeImage(svg, 8), Error, "found the format svg");
  const float = await sharp(new Float32Array(64).fill(0.5), {
    raw: { width: 8, height: 8, channels: 1 },
  }).toColourspace("b-w").tiff().toBuffer();
  if ((await sharp(float).metadata()).depth !== "uchar") {
    await assertRejects(() => decodeImage(float, 8), Error, "of the kind float");
  }
});

Deno.test("damaged and foreign files are refused with a reason", async () => {
  const whole = await sharp(pixels(1, 64, 64), { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg().toBuffer();
  const broken = new Uint8Array(await png(1, 64, 64));
  broken.fill(0, 60, 200);
  for (
    const file of [
      whole.subarray(0, whole.length >> 1),
      broken,
      new Uint8Array(),
      new TextEncoder().encode("not an image"),
    ]
  ) {
    const error = await assertRejects(() => decodeImage(file, 8), Error);
    assert(error.message.length > 0);
  }
});
