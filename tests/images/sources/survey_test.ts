import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { surveyImages } from "../../../lib/images/sources/survey.ts";
import { inFolder, png, writeFiles } from "../images_fixture.ts";

Deno.test("flat and nested folders are counted, and the shorter sides read", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "flat/a.png": await png(0, 40, 30),
      "flat/b.png": await png(1, 20, 50),
      "nested/x/y/c.png": await png(2, 8, 9),
      "nested/x/d.png": await png(3, 8, 9),
      "nested/notes.txt": "none",
    });
    assertEquals(await surveyImages({ path: `${folder}/flat` }), { images: 2, sides: [30, 20] });
    assertEquals(await surveyImages({ path: `${folder}/nested` }), { images: 2, sides: [8, 8] });
  }));

Deno.test("of a set with parts those of the train part count", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "set/train/a/1.png": await png(0),
      "set/train/b/2.png": await png(1),
      "set/test/a/3.png": await png(2),
    });
    assertEquals((await surveyImages({ path: `${folder}/set` })).images, 2);
    assertEquals((await surveyImages({ path: `${folder}/set`, split: "test" })).images, 1);
  }));

Deno.test("at most 48 headers are read, spread over all images", () =>
  inFolder(async (folder) => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 96; i++) {
      files[`set/${String(i).padStart(2, "0")}.png`] = await png(i, 10 + i, 200);
    }
    await writeFiles(folder, files);
    const { images, sides } = await surveyImages({ path: `${folder}/set` });
    assertEquals([images, sides.length, sides[0], sides.at(-1)], [96, 48, 10, 104]);
  }));

Deno.test("images of which most are unreadable are refused, a few are not", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "half/a.png": await png(0),
      "half/b.png": "no image",
      "most/a.png": await png(0),
      "most/b.png": "no image",
      "most/c.png": "neither",
    });
    assertEquals((await surveyImages({ path: `${folder}/half` })).images, 2);
    const { message } = await assertRejects(
      () => surveyImages({ path: `${folder}/most` }),
      UserError,
    );
    assertStringIncludes(
      message,
      "of 3 images that were looked at, 2 are unreadable, such as b.png",
    );
  }));

Deno.test("an empty folder is refused", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/empty`);
    await assertRejects(
      () => surveyImages({ path: `${folder}/empty` }),
      UserError,
      "found 0 files",
    );
  }));
