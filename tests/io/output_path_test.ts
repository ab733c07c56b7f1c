import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { checkOutputFile, checkOutputFolder, checkOutside } from "../../lib/io/output_path.ts";
import { inTemporaryFolder } from "./temporary_folder_fixture.ts";

Deno.test("a place that can be written to passes, and nothing stays behind", () =>
  inTemporaryFolder(async (folder) => {
    await checkOutputFile(`${folder}/new.csv`, "--csv");
    await Deno.writeTextFile(`${folder}/old.csv`, "old");
    await checkOutputFile(`${folder}/old.csv`, "--csv");
    await checkOutputFolder(`${folder}/a/b/c`, "--out");
    await checkOutputFolder(folder, "--out");
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
      "old.csv",
    ]);
    assertEquals(await Deno.readTextFile(`${folder}/old.csv`), "old");
  }));

Deno.test("a place where nothing can be written is refused, with what names it", () =>
  inTemporaryFolder(async (folder) => {
    const file = `${folder}/file`;
    await Deno.writeTextFile(file, "");
    const refused = (check: Promise<void>, part: string) =>
      assertRejects(() => check, UserError, part);
    await refused(checkOutputFile(folder, "--csv"), "Cannot write --csv");
    await refused(checkOutputFile(`${folder}/new/`, "--csv"), "found a folder");
    await refused(checkOutputFile(`${folder}/new/a.csv`, "--csv"), "mkdir -p");
    await refused(checkOutputFile(`${file}/a.csv`, "--csv"), "is no folder");
    await refused(checkOutputFolder(file, "--out"), "is a file, expected a folder");
    await refused(checkOutputFolder(`${file}/a/b`, "--out"), "is a file, expected a folder");
    // A disk of the system that takes no files, whoever asks.
    if (Deno.build.os === "linux") {
      await refused(checkOutputFolder("/proc/a", "--out"), "Cannot write --out");
    }
  }));

Deno.test("results do not lie among images, by whatever way", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/images/cat`, { recursive: true });
    await Deno.symlink(`${folder}/images`, `${folder}/link`);
    const images = [`${folder}/images`, "digits"];
    const outside = (path: string) => checkOutside({ path, option: "--out" }, images);
    await outside(`${folder}/results`);
    await outside(`${folder}/images_results/a`);
    for (const path of ["images", "images/new/one", "link/new", "results/../images/cat"]) {
      await assertRejects(() => outside(`${folder}/${path}`), UserError, "lies in the images");
    }
  }));
