import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { UserError } from "../../../lib/errors/user_error.ts";
import { packMaskedImages } from "../../../lib/images/packs/masked_images.ts";
import { inFolder, writeFiles } from "../images_fixture.ts";

const width = 24, height = 16;

/** A white square of 8 pixels on black, off the middle, and the same as a mask. */
function square(value: number): Uint8Array {
  return Uint8Array.from(
    { length: width * height },
    (_, i) => i % width >= 11 && i % width < 19 && i / width >= 2 && i / width < 10 ? value : 0,
  );
}

const picture = (values: Uint8Array) =>
  sharp(values, { raw: { width, height, channels: 1 } }).toColourspace("b-w");

async function open(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  options: { readonly ignore?: readonly number[]; readonly background?: string } = {},
) {
  await writeFiles(folder, files);
  const { ignore = [], background } = options;
  return await packMaskedImages({
    path: folder,
    images: "images",
    masks: "masks",
    classes: ["ground", "square"],
    values: new Map([[0, 0], [1, 1]]),
    ignore,
  }, { canvas: 16, cache: `${folder}/cache`, background });
}

Deno.test("an image turned by EXIF and its mask are turned together: they stay the same square", () =>
  inFolder(async (folder) => {
    for (const orientation of [1, 5, 6, 7, 8]) {
      const place = `${folder}/${orientation}`;
      const set = await open(place, {
        "images/a.jpg": await picture(square(255)).withMetadata({ orientation })
          .jpeg({ quality: 100 }).toBuffer(),
        "masks/a.png": await picture(square(1)).png().toBuffer(),
      });
      const { pixels, masks } = set.read([0]);
      const seen = masks.map((_, i) => pixels[3 * i]! > 127 ? 1 : 0);
      assertEquals(masks, seen, `orientation ${orientation}`);
      assertEquals(masks.filter((label) => label === 1).length, 64);
      set.close();
    }
  }));

Deno.test("masks of 0 and 255 are refused with how to convert them, ignored or not", () =>
  inFolder(async (folder) => {
    const files = {
      "images/a.png": await picture(square(255)).png().toBuffer(),
      "masks/a.png": await picture(square(255)).png().toBuffer(),
    };
    for (const ignore of [[], [255]]) {
      const refused = await assertRejects(
        () => open(`${folder}/${ignore.length}`, files, { ignore }),
        UserError,
      );
      assertStringIncludes(refused.message, "Divide the values of masks of 0 and 255 by 255");
    }
    // 255 beside both classes is a value to ignore like any other.
    const edged = square(1).map((value, i) => i < width ? 255 : value);
    const set = await open(`${folder}/edged`, {
      ...files,
      "masks/a.png": await picture(edged).png().toBuffer(),
    }, { ignore: [255] });
    assertEquals([...new Set(set.read([0]).masks)], [255, 0, 1]);
    set.close();
  }));

Deno.test("the ground under transparent images is part of a pack's name", () =>
  inFolder(async (folder) => {
    const clear = new Uint8Array(width * height * 4);
    const files = {
      "images/a.png": await sharp(clear, { raw: { width, height, channels: 4 } }).png().toBuffer(),
      "masks/a.png": await picture(square(1)).png().toBuffer(),
    };
    const white = await open(folder, files);
    // The same files: only the option tells the packs apart.
    const blue = await open(folder, {}, { background: "#0000ff" });
    assertEquals([...white.read([0]).pixels.subarray(0, 3)], [255, 255, 255]);
    assertEquals([...blue.read([0]).pixels.subarray(0, 3)], [0, 0, 255]);
    assertNotEquals(white.digest, blue.digest);
    white.close();
    blue.close();
  }));
