/** Images and masks stay where they are: the middle of a spot, whatever the sizes and the format. */
import { assert, assertLess } from "@std/assert";
import sharp, { type Sharp } from "sharp";
import { decodeImage } from "../../../lib/images/codec/decode.ts";
import { decodeMask } from "../../../lib/images/codec/decode_mask.ts";

/** Middle of the spot as shares of the image's width and height. */
const place = { x: 0.42, y: 0.57 };

/** A smooth bright spot on black, whose middle is known to a fraction of a pixel. */
function spot(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  const radius = 0.09 * Math.min(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const distance = Math.hypot(
        column + 0.5 - place.x * width,
        row + 0.5 - place.y * height,
      ) / radius;
      const at = 3 * (row * width + column);
      pixels.fill(230 * Math.exp(-distance * distance / 2), at, at + 3);
    }
  }
  return pixels;
}

/** Middle of the brightness, in pixels from the left and the top. */
function middle(values: (row: number, column: number) => number, side: number) {
  let [sum, x, y] = [0, 0, 0];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const value = Math.max(0, values(row, column) - 4);
      sum += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
    }
  }
  assert(sum > 0);
  return { x: x / sum, y: y / sum };
}

/** Where the spot lies in the middle square of the image. */
function expected(width: number, height: number, canvas: number) {
  const side = Math.min(width, height);
  const along = (share: number, length: number) =>
    (share * length - (length - side) / 2) * canvas / side;
  return { x: along(place.x, width), y: along(place.y, height) };
}

const encoders: Record<string, (picture: Sharp) => Promise<Uint8Array>> = {
  png: (picture) => picture.png({ compressionLevel: 1 }).toBuffer(),
  jpeg: (picture) => picture.jpeg({ quality: 98 }).toBuffer(),
  webp: (picture) => picture.webp({ lossless: true, effort: 0 }).toBuffer(),
};

// Shapes that 2, 4 and 8 divide and do not divide, at scales from enlarging to a 30th.
const shapes = [[40, 31], [203, 301], [640, 480], [1001, 803], [1277, 957]] as const;
for (const [format, encode] of Object.entries(encoders)) {
  Deno.test(`the middle of a spot in a ${format} file moves by less than 0.05 pixels`, async () => {
    for (const [width, height] of shapes) {
      const file = await encode(
        sharp(spot(width, height), { raw: { width, height, channels: 3 } }),
      );
      for (const canvas of [31, 32, 45, 64, 101]) {
        const pixels = await decodeImage(file, canvas);
        const found = middle((row, column) => pixels[3 * (row * canvas + column)]!, canvas);
        const right = expected(width, height, canvas);
        const name = `${width} x ${height} at ${canvas}`;
        assertLess(Math.abs(found.x - right.x), 0.05, name);
        assertLess(Math.abs(found.y - right.y), 0.05, name);
      }
    }
  });
}

Deno.test("a mask lies on its image: edges of both are within half a pixel of the mask's grid", async () => {
  for (const [width, height] of shapes) {
    const left = Math.round(0.42 * width), top = Math.round(0.57 * height);
    const isInside = (i: number) => i % width >= left && Math.floor(i / width) >= top;
    const values = Uint8Array.from({ length: width * height }, (_, i) => isInside(i) ? 1 : 0);
    const grey = { raw: { width, height, channels: 1 } } as const;
    const mask = await sharp(values, grey).toColourspace("b-w").png().toBuffer();
    const image = await sharp(values.map((v) => 255 * v), grey).png().toBuffer();
    for (const canvas of [31, 64, 101]) {
      const pixels = await decodeImage(image, canvas);
      const labels = await decodeMask(mask, canvas, { width, height });
      // Where the mask changes, the image passes half its height: it never contradicts its label.
      labels.forEach((label, i) => {
        const value = pixels[3 * i]!;
        assert(
          label === 1 ? value > 60 : value < 195,
          `${width} x ${height} at ${canvas}: ${value}`,
        );
      });
    }
  }
});
