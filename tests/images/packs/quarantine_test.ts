/** Unreadable images among whole ones: replaced by a neighbour, listed, and limited in number. */
import sharp from "sharp";
import { crc32 } from "node:zlib";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { packImages, type PackOptions } from "../../../lib/images/packs/pack.ts";
import { distill } from "../../../lib/training/distill.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { reportRun } from "../../../lib/report/page/run_report.ts";
import {
  madeUpTeacher,
  recipeOver,
  writeImages,
} from "../../training/tiny_distillation_fixture.ts";
import { inFolder, pixels, png, writeFiles } from "../images_fixture.ts";

/** A PNG whose header claims another size. */
function withClaimedSize(file: Uint8Array, width: number, height: number): Uint8Array {
  const bytes = file.slice(), view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

const extremes = (values: Uint8Array) => ({ min: Math.min(...values), max: Math.max(...values) });

/** Writes 100 images, of which those at the positions `broken` are cut short. */
async function writeHundred(folder: string, broken: readonly number[]): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 100; i++) {
    const whole = await png(i);
    files[`a/${String(i).padStart(2, "0")}.png`] = broken.includes(i) ? whole.slice(0, 70) : whole;
  }
  await writeFiles(`${folder}/images`, files);
}

const open = (folder: string, options: Partial<PackOptions>) =>
  packImages({ path: `${folder}/images` }, {
    canvas: 12,
    cache: `${folder}/cache`,
    workers: 0,
    ...options,
  });

Deno.test("broken images are replaced by the whole image before them, the first by the one after", () =>
  inFolder(async (folder) => {
    await writeHundred(folder, [0, 1, 50, 63, 64, 65, 99]);
    const digests: string[] = [];
    for (const workers of [0, 1, 4]) {
      const pack = await open(folder, { quarantine: 0.07, workers, cache: `${folder}/${workers}` });
      digests.push(pack.digest);
      const names = pack.quarantined?.map(({ name }) => name);
      assertEquals(names, ["00", "01", "50", "63", "64", "65", "99"].map((n) => `a/${n}.png`));
      const replaced = [[0, 2], [1, 2], [50, 49], [63, 62], [64, 62], [65, 62], [66, 66], [99, 98]];
      for (const [place, from] of replaced as [number, number][]) {
        assertEquals(pack.read([place]), pixels(from, 12, 12), `place ${place}`);
      }
      pack.close();
    }
    assertEquals(new Set(digests).size, 1);
  }));

Deno.test("a chunk of nothing but broken images is filled from a later one", () =>
  inFolder(async (folder) => {
    await writeHundred(folder, Array.from({ length: 70 }, (_, i) => i));
    const pack = await open(folder, { quarantine: 0.7 });
    assertEquals(pack.count, 100);
    for (const i of [0, 63, 64, 69, 70]) assertEquals(pack.read([i]), pixels(70, 12, 12));
    assertEquals(pack.read([71]), pixels(71, 12, 12));
    pack.close();
  }));

Deno.test("more broken images than allowed are refused with a list, even of a pack in the cache", () =>
  inFolder(async (folder) => {
    await writeHundred(folder, [3, 4, 5]);
    const refused = (options: Partial<PackOptions>) =>
      assertRejects(() => open(folder, options), UserError);
    const { message } = await refused({ quarantine: 0.02 });
    assertStringIncludes(message, "at most 2 of 100");
    for (const name of ["a/03.png", "a/04.png", "a/05.png"]) assertStringIncludes(message, name);
    assertEquals([...Deno.readDirSync(`${folder}/cache`)], [], "nothing half-written");
    (await open(folder, { quarantine: 0.03 })).close();
    assertStringIncludes((await refused({ quarantine: 0.02 })).message, "a/05.png");
    assertStringIncludes((await refused({ quarantine: 1 })).message, "below 1");
  }));

Deno.test("whole images give the same pack with and without a quarantine", () =>
  inFolder(async (folder) => {
    await writeHundred(folder, []);
    const [strict, lenient] = await Promise.all([0, 0.5].map(async (quarantine, i) => {
      const pack = await open(folder, { quarantine, cache: `${folder}/${i}` });
      pack.close();
      return pack;
    }));
    assertEquals(lenient?.digest, strict?.digest);
    assertEquals(lenient?.quarantined, []);
  }));

Deno.test("unusual images are decoded, and impossible ones quarantined with their reason", () =>
  inFolder(async (folder) => {
    const raw = { raw: { width: 12, height: 12, channels: 3 } } as const;
    const colour = sharp(new Uint8Array(12 * 12 * 3).fill(200), raw);
    const frame = (grey: number) =>
      sharp(new Uint8Array(12 * 12 * 3).fill(grey), raw).png().toBuffer();
    const frames = await sharp([await frame(200), await frame(10)], { join: { animated: true } })
      .webp({ lossless: true }).toBuffer();
    assertEquals((await sharp(frames).metadata()).pages, 2);
    const whole = await png(0);
    await writeFiles(`${folder}/images`, {
      "a/animated.webp": frames,
      "a/cmyk.jpg": await colour.clone().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(),
      "a/deep.png": await colour.clone().toColourspace("rgb16").png().toBuffer(),
      "a/jpeg inside.png": await colour.clone().jpeg({ quality: 100 }).toBuffer(),
      "a/palette.png": await colour.clone().png({ palette: true }).toBuffer(),
      "a/tiny.png": await colour.clone().resize(1, 1).png().toBuffer(),
      "a/turned.jpg": await colour.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      "b/empty.png": new Uint8Array(),
      "b/enormous.png": withClaimedSize(whole, 60_000, 60_000),
      "b/truncated.png": whole.slice(0, 70),
      "b/words.jpg": new TextEncoder().encode("not an image"),
    });
    const pack = await open(folder, { quarantine: 0.4 });
    assertEquals(
      pack.quarantined?.map(({ name }) => name),
      ["b/enormous.png", "b/truncated.png", "b/words.jpg"],
    );
    assertEquals(pack.listed, "10 images in 2 folders; skipped 1: empty 1");
    for (const { reason } of pack.quarantined ?? []) assert(reason.length > 5, reason);
    const tooLarge = pack.quarantined?.[0]?.reason ?? "";
    assertStringIncludes(tooLarge, "60000 x 60000 = 3600 million pixels, above the limit of 100");
    assertStringIncludes(tooLarge, "images.maximumPixels");
    for (const [i, name] of pack.names.slice(0, 7).entries()) {
      const { min, max } = extremes(pack.read([i]));
      const near = name.includes("cmyk") ? 20 : 4; // Inks cannot print every grey.
      assert(
        Math.abs(min - 200) <= near && Math.abs(max - 200) <= near,
        `${name}: ${min} to ${max}`,
      );
    }
    pack.close();
  }));

Deno.test("a run reports and counts the images that it replaced", () =>
  inFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    await Deno.writeTextFile(`${folder}/images/a/999.png`, "not an image");
    const strictRecipe = recipeOver(folder); // A hundredth of nine images is none.
    const recipe = { ...strictRecipe, images: { ...strictRecipe.images, quarantine: 0.2 } };
    const notes: string[] = [];
    const options = { folder: `${folder}/run`, teachers: [madeUpTeacher()] };
    const steps = distill(recipe, { ...options, onNote: (line) => notes.push(line) });
    let next = await steps.next();
    while (!next.done) next = await steps.next();
    assertEquals(next.value.quarantined, 1);
    const note = notes.find((line) => line.includes("999.png"));
    assertStringIncludes(note ?? "", "is unreadable and replaced by a neighbour");
    const result = JSON.parse(await Deno.readTextFile(`${folder}/run/result.json`));
    assertEquals(result.quarantined, 1);
    const page = await Deno.readTextFile(await reportRun(`${folder}/run`));
    assertStringIncludes(page, "1 unreadable image replaced by a neighbour");
    const strict = distill(strictRecipe, { ...options, folder: `${folder}/strict` });
    await assertRejects(() => strict.next(), UserError, "999.png");
  }));
