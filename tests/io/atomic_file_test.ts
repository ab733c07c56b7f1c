import { assertEquals, assertRejects } from "@std/assert";
import { writeFileAtomic } from "../../lib/io/atomic_file.ts";
import { UserError } from "../../lib/errors/user_error.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("a file is replaced, and nothing else stays behind", () =>
  inFolder(async (folder) => {
    await writeFileAtomic(`${folder}/a`, Uint8Array.of(1, 2, 3));
    await writeFileAtomic(`${folder}/a`, "ü");
    assertEquals(await Deno.readTextFile(`${folder}/a`), "ü");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("a missing folder is the user's mistake", () =>
  inFolder(async (folder) => {
    await assertRejects(
      () => writeFileAtomic(`${folder}/none/a`, "x"),
      UserError,
      "Create its folder first",
    );
  }));

Deno.test("a failed write leaves the folder as it was", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    await assertRejects(() => writeFileAtomic(`${folder}/a`, "x"));
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("writers of one file do not mix their bytes", () =>
  inFolder(async (folder) => {
    const texts = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(200_000));
    await Promise.all(texts.map((text) => writeFileAtomic(`${folder}/a`, text)));
    assertEquals(texts.includes(await Deno.readTextFile(`${folder}/a`)), true);
    assertEquals(names(folder), ["a"]);
  }));
