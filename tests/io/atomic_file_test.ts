import { assertEquals, assertRejects } from "@std/assert";
import { writeFileAtomic } from "../../lib/io/atomic_file.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "./temporary_folder_fixture.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("a file is replaced, and nothing else stays behind", () =>
  inTemporaryFolder(async (folder) => {
    await writeFileAtomic(`${folder}/a`, Uint8Array.of(1, 2, 3));
    await writeFileAtomic(`${folder}/a`, "ü");
    assertEquals(await Deno.readTextFile(`${folder}/a`), "ü");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("a missing folder is the user's mistake", () =>
  inTemporaryFolder(async (folder) => {
    await assertRejects(
      () => writeFileAtomic(`${folder}/none/a`, "x"),
      UserError,
      "Create its folder first",
    );
  }));

Deno.test("a failed write leaves the folder as it was", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    await assertRejects(() => writeFileAtomic(`${folder}/a`, "x"));
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("writers of one file do not mix their bytes", () =>
  inTemporaryFolder(async (folder) => {
    const texts = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(200_000));
    await Promise.all(texts.map((text) => writeFileAtomic(`${folder}/a`, text)));
    assertEquals(texts.includes(await Deno.readTextFile(`${folder}/a`)), true);
    assertEquals(names(folder), ["a"]);
  }));
