import { assertEquals } from "@std/assert";
import { holdFile, lockFile } from "../../lib/io/file_lock.ts";
import { inFolder } from "../images/images_fixture.ts";

Deno.test("whoever waits for a file gets it when it is unlocked, and says that it waits", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`, waits: string[] = [];
    const first = await lockFile(path);
    const second = lockFile(path, { onWait: () => waits.push("second") });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assertEquals(waits, ["second"]);
    first.close();
    (await second).close();
  }));

Deno.test("whoever waits for a file does not wait for those that read it under another name", () =>
  inFolder(async (folder) => {
    const path = `${folder}/pack.partial`;
    using made = await lockFile(path);
    const second = lockFile(path);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Made whole and read, as the packed images of a run are until it ends.
    await Deno.rename(path, `${folder}/pack`);
    holdFile(made);
    using locked = await second;
    assertEquals((await locked.stat()).ino, (await Deno.stat(path)).ino);
  }));
