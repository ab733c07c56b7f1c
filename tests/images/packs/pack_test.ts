import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import sharp from "sharp";

import { packImages, type PackOptions } from "../../../lib/images/packs/pack.ts";
import type { ImageSource } from "../../../lib/images/sources/source.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { makeZip } from "../zip_fixture.ts";
import { inFolder, pixels, png, writeFiles } from "../images_fixture.ts";

/** Twelve pixels high and wide, in two splits of two classes. */
async function someFiles(perClass: number): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < perClass; i++) {
    files[`train/dog/${i}.png`] = await png(i);
    files[`train/cat/${i}.png`] = await png(100 + i);
    files[`test/cat/${i}.png`] = await png(200 + i);
  }
  return files;
}

async function digestOf(source: ImageSource, options: PackOptions): Promise<string> {
  const pack = await packImages(source, options);
  pack.close();
  return pack.digest;
}

async function refusal(source: ImageSource, options: PackOptions): Promise<string> {
  return (await assertRejects(() => packImages(source, options), UserError)).message;
}

Deno.test("a folder, a deflated and a stored zip give equal packs", async () => {
  await inFolder(async (folder) => {
    const files = await someFiles(3);
    await writeFiles(`${folder}/images`, files);
    const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
    await Deno.writeFile(`${folder}/stored.zip`, makeZip(entries));
    const deflated = makeZip(entries.toReversed().map((entry) => ({ ...entry, deflate: true })));
    await Deno.writeFile(`${folder}/deflated.zip`, deflated);
    const packs = [];
    for (const path of ["images", "stored.zip", "deflated.zip"]) {
      const source = { path: `${folder}/${path}`, split: "train" };
      packs.push(await packImages(source, { canvas: 12, cache: `${folder}/cache`, workers: 0 }));
    }
    for (const pack of packs) {
      assertEquals(pack.count, 6);
      assertEquals([...pack.classes], ["cat", "dog"]);
      assertEquals([...pack.labels], [0, 0, 0, 1, 1, 1]);
      assertEquals(pack.names[4], "dog/1.png");
      assertEquals(pack.digest, packs[0]!.digest);
      const read = pack.read([4, 0, 1]);
      assertEquals(read.subarray(0, 432), pixels(1, 12, 12));
      assertEquals(read.subarray(432, 864), pixels(100, 12, 12));
      assertEquals(read.subarray(864), pixels(101, 12, 12));
      pack.close();
    }
  });
});

Deno.test("0, 1 and 4 workers give the same digest", async () => {
  await inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, await someFiles(90)); // three chunks of a split
    const source = { path: `${folder}/images`, split: "train" };
    const digests = new Set<string>();
    for (const workers of [0, 1, 4]) {
      const seen: number[] = [];
      const onProgress = (done: number, total: number) => seen.push(done / total);
      const cache = `${folder}/${workers}`;
      digests.add(await digestOf(source, { canvas: 9, cache, workers, onProgress }));
      assertEquals(seen.at(-1), 1);
      assertEquals(seen.length, 3);
    }
    assertEquals(digests.size, 1);
  });
});

Deno.test("a pack is reused, and made again when anything it depends on changes", async () => {
  await inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "a/1.png": await png(1), "a/2.png": await png(2) });
    const source = { path: `${folder}/images` };
    let decoded = 0;
    const onProgress = (done: number) => decoded += done;
    const options = { canvas: 12, cache: `${folder}/cache`, workers: 0, onProgress };
    const first = await digestOf(source, options);
    assertEquals(decoded, 2);
    assertEquals(await digestOf(source, options), first);
    assertEquals(decoded, 2);
    assertNotEquals(await digestOf(source, { ...options, canvas: 11 }), first);
    assertNotEquals(await digestOf(source, { ...options, limit: 1 }), first);
    await Deno.writeFile(`${folder}/images/a/2.png`, await png(3));
    await Deno.utime(`${folder}/images/a/2.png`, 1, 1);
    assertNotEquals(await digestOf(source, options), first);
  });
});

Deno.test("a damaged or half-written cache file is made again", async () => {
  await inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "a/1.png": await png(1) });
    const cache = `${folder}/cache`;
    const options = { canvas: 12, cache, workers: 0 };
    const digest = await digestOf({ path: `${folder}/images` }, options);
    const [entry] = [...Deno.readDirSync(cache)];
    const path = `${cache}/${entry!.name}`;
    const whole = Deno.readFileSync(path);
    const damages = [
      ...[0, 5, 40, whole.length - 1].map((length) => whole.subarray(0, length)),
      whole.map((byte, i) => i === 12 ? 0 : byte), // the first byte of the JSON
    ];
    for (const damaged of damages) {
      Deno.writeFileSync(path, damaged);
      Deno.writeTextFileSync(`${path}.partial`, "left by a killed process");
      const pack = await packImages({ path: `${folder}/images` }, options);
      assertEquals(pack.digest, digest);
      assertEquals(pack.read([0]), pixels(1, 12, 12));
      pack.close();
      assertEquals([...Deno.readDirSync(cache)].map(({ name }) => name), [entry!.name]);
    }
  });
});

Deno.test("several callers that make the same pack at once all get it", async () => {
  await inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, await someFiles(20));
    const source = { path: `${folder}/images`, split: "test" };
    const options = { canvas: 12, cache: `${folder}/cache`, workers: 0 };
    const digests = await Promise.all([1, 2, 3].map(() => digestOf(source, options)));
    assertEquals(new Set(digests).size, 1);
    assertEquals([...Deno.readDirSync(`${folder}/cache`)].length, 1);
  });
});

Deno.test("an unreadable image is named, and nothing half-written stays", async () => {
  await inFolder(async (folder) => {
    const files = await someFiles(70);
    files["train/dog/55.png"] = files["train/dog/55.png"]!.subarray(0, 60);
    files["train/cat/69.png"] = new TextEncoder().encode("not an image");
    await writeFiles(`${folder}/images`, files);
    const source = { path: `${folder}/images`, split: "train" };
    for (const workers of [0, 3]) {
      const cache = `${folder}/cache`;
      const message = await refusal(source, { canvas: 12, cache, workers });
      assertStringIncludes(message, '"train/cat/69.png"'); // the first by name, always
      assertStringIncludes(message, "unsupported image format");
      assertStringIncludes(message, "Replace or remove it");
      assertEquals([...Deno.readDirSync(cache)], []);
    }
  });
});

Deno.test("errors of missing sources and impossible options say what to do", async () => {
  await inFolder(async (folder) => {
    const options = { canvas: 12, cache: `${folder}/cache`, workers: 0 };
    const missing = await refusal({ path: `${folder}/nowhere` }, options);
    assertStringIncludes(missing, "no such file or folder");
    assertStringIncludes(missing, "Give a folder with one subfolder per class");
    await writeFiles(folder, { "images/a/1.png": await png(1), "file": "no folder" });
    await Deno.mkdir(`${folder}/images/b`);
    assertStringIncludes(await refusal({ path: `${folder}/images` }, options), '"b" holds no');
    await Deno.remove(`${folder}/images/b`);
    const source = { path: `${folder}/images` };
    assertStringIncludes(await refusal(source, { ...options, canvas: 0 }), "canvas is 0");
    assertStringIncludes(await refusal(source, { ...options, limit: 1.5 }), "limit is 1.5");
    const cache = `${folder}/file/cache`;
    assertStringIncludes(await refusal(source, { ...options, cache }), "Name a cache folder");
  });
});

Deno.test("links to class folders are followed, even in circles", async () => {
  await inFolder(async (folder) => {
    await writeFiles(folder, { "elsewhere/1.png": await png(1), "images/b/1.png": await png(2) });
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/images/a`);
    await Deno.symlink(`${folder}/images`, `${folder}/images/b/round`);
    const options = { canvas: 12, cache: `${folder}/cache`, workers: 0 };
    const pack = await packImages({ path: `${folder}/images` }, options);
    assertEquals([...pack.names], ["a/1.png", "b/1.png"]);
    pack.close();
    await Deno.symlink(`${folder}/gone`, `${folder}/images/c`);
    assertStringIncludes(await refusal({ path: `${folder}/images` }, options), '"c" cannot be');
  });
});

Deno.test("positions outside a pack are refused", async () => {
  await inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "1.png": await png(1), "2.png": await png(2) });
    const options = { canvas: 12, cache: `${folder}/cache`, workers: 0 };
    const pack = await packImages({ path: `${folder}/images` }, options);
    for (const indices of [[2], [-1], [0, 1, 2], [0.5]]) {
      try {
        pack.read(indices);
        assert(false, `read ${indices}`);
      } catch (error) {
        assert(error instanceof RangeError, String(error));
      }
    }
    assertEquals(pack.read([]).length, 0);
    pack.close();
  });
});

Deno.test("the ground of transparent images and the limit of pixels are part of a pack's name", () =>
  inFolder(async (folder) => {
    const clear = { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } };
    const file = await sharp({ create: { ...clear, channels: 4 } }).png().toBuffer();
    await writeFiles(`${folder}/images`, { "a/1.png": file });
    const source = { path: `${folder}/images` };
    const options = { canvas: 8, cache: `${folder}/cache`, workers: 0 };
    const white = await digestOf(source, options);
    assertNotEquals(await digestOf(source, { ...options, background: "#101010" }), white);
    assertEquals(await digestOf(source, options), white);
    const message = await refusal(source, { ...options, maximumPixels: 63 });
    assertStringIncludes(message, '"a/1.png"');
    assertStringIncludes(message, "8 x 8 = 0.000064 million pixels, above the limit of 0.000063");
    assertStringIncludes(await refusal(source, { ...options, background: "grey" }), '"grey"');
    assertStringIncludes(
      await refusal(source, { ...options, maximumPixels: 0.5 }),
      "maximumPixels",
    );
  }));

Deno.test("a pack that the disk has no room for is refused before an image is decoded", () =>
  inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "a/1.png": await png(1) });
    const decoded: number[] = [];
    await assertRejects(
      () =>
        packImages({ path: `${folder}/images` }, {
          canvas: 1_000_000_000,
          cache: `${folder}/cache`,
          workers: 0,
          onProgress: (done) => decoded.push(done),
        }),
      UserError,
      "Free some space",
    );
    assertEquals(decoded, []);
  }));
