import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "./temporary_folder_fixture.ts";
import { makeCacheFile } from "../../lib/io/cache_file.ts";
import { lockFile, tryLockFile } from "../../lib/io/file_lock.ts";
import { makeOnce } from "../../lib/io/make_once.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("of several makers one makes, and nothing partial is left", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/made`;
    let [filled, waited] = [0, 0];
    const make = () =>
      makeOnce(path, {
        partial: `${path}.partial`,
        lock: `${path}.partial`,
        isWhole: () => exists(path),
        fill: async (file) => {
          filled++;
          await new Promise((resolve) => setTimeout(resolve, 50));
          await file.write(Uint8Array.of(1));
        },
        onWait: () => waited++,
      });
    const made = await Promise.all([make(), make(), make()]);
    assertEquals([made.filter(Boolean).length, filled, waited], [1, 1, 2]);
    assertEquals(names(folder), ["made"]);
    assertEquals(await make(), false);
  }));

Deno.test("where filling fails nothing is left, and the next one may try", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/deep/cached`;
    const make = (write: (file: Deno.FsFile) => Promise<void>) =>
      makeCacheFile(path, {
        purpose: "keep squares in",
        advice: "Name another folder",
        isWhole: () => exists(path),
        write,
      });
    await assertRejects(() => make(() => Promise.reject(new Error("torn"))), Error, "torn");
    assertEquals(names(`${folder}/deep`), []);
    await Deno.writeFile(`${path}.partial`, new Uint8Array(9)); // of a process that was killed
    await make(async (file) => void await file.write(Uint8Array.of(4)));
    assertEquals(await Deno.readFile(path), Uint8Array.of(4));
  }));

Deno.test("a cache in the place of a file is refused with advice", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await assertRejects(
      () =>
        makeCacheFile(`${folder}/file/cached`, {
          purpose: "keep squares in",
          advice: "Name another folder",
          isWhole: () => false,
          write: () => Promise.resolve(),
        }),
      UserError,
      "Name another folder",
    );
  }));

Deno.test("a lock is held by one, and ends with its file", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/lock`;
    {
      using _held = await lockFile(path);
      assertEquals(await tryLockFile(path), undefined);
    }
    using again = await tryLockFile(path);
    assertEquals(again === undefined, false);
  }));
