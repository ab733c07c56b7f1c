import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { listDataset } from "../../../lib/images/sources/dataset.ts";
import { openSourceFiles } from "../../../lib/images/sources/source.ts";
import { describeDataset } from "../../../lib/images/sources/summary.ts";
import { inFolder, png, writeFiles } from "../images_fixture.ts";

Deno.test("a folder is listed as a zip is: names in one form, systems' own files left out", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "cafe\u0301/1.png": await png(1),
      "@eaDir/2.png": "x",
      "a/.ipynb_checkpoints/3.png": "x",
      "a/._4.png": "x",
      "a/.hidden.png": "x",
      "a/desktop.ini": "x",
      "a/5.png": "",
      "System Volume Information/x": "x",
    });
    const source = await openSourceFiles(folder);
    const dataset = listDataset(source);
    assertEquals(dataset.images.map(({ name }) => name), ["caf\u00e9/1.png"]);
    assertEquals(dataset.folders.toSorted(), ["a", "caf\u00e9"]);
    assertEquals(describeDataset(dataset), "1 image in 1 folder; skipped 2: empty 1, hidden 1");
    assertEquals(await source.read(dataset.images[0]!.file), new Uint8Array(await png(1)));
  }));

Deno.test("links that lead in circles end", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "a/1.png": "x", "b/2.png": "x" });
    await Deno.symlink("../b", `${folder}/a/to_b`);
    await Deno.symlink("../a", `${folder}/b/to_a`);
    await Deno.symlink(".", `${folder}/a/self`);
    const { files } = await openSourceFiles(folder);
    assertEquals(files.map(({ name }) => name).sort(), [
      "a/1.png",
      "a/to_b/2.png",
      "b/2.png",
      "b/to_a/1.png",
    ]);
  }));

Deno.test("a single image is a set of one", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "photo.PNG": await png(3) });
    const source = await openSourceFiles(`${folder}/photo.PNG`);
    assertEquals(listDataset(source).images, [{ file: 0, name: "photo.PNG" }]);
    assertEquals(await source.read(0), new Uint8Array(await png(3)));
  }));

Deno.test("other archives are named, with what to do", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "photos.tar.gz": "x", "notes.txt": "no zip" });
    const refusal = async (name: string) =>
      (await assertRejects(() => openSourceFiles(`${folder}/${name}`), UserError)).message;
    assertStringIncludes(await refusal("photos.tar.gz"), "tar.gz archives are not read. Unpack it");
    assertStringIncludes(await refusal("notes.txt"), "as a zip file");
    assertStringIncludes(await refusal("photos"), "no such file or folder");
  }));

Deno.test("a folder that may not be read is named", {
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
}, () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "a/1.png": "x" });
    await Deno.chmod(`${folder}/a`, 0);
    const { message } = await assertRejects(() => openSourceFiles(folder), UserError);
    assertStringIncludes(message, "the folder cannot be read");
    await Deno.chmod(`${folder}/a`, 0o700);
  }));
