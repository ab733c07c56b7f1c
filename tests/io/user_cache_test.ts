import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { chooseCache, namedCache } from "../../lib/io/user_cache.ts";
import { inTemporaryFolder } from "./temporary_folder_fixture.ts";

Deno.test("the cache follows the conventions of the system", () => {
  const of = (os: string, env: Record<string, string>) => namedCache(os, (name) => env[name]);
  assertEquals(of("linux", { HOME: "/home/ada" }), "/home/ada/.cache/hashigo");
  assertEquals(of("darwin", { HOME: "/Users/ada" }), "/Users/ada/Library/Caches/hashigo");
  assertEquals(of("linux", { HOME: "/home/ada", XDG_CACHE_HOME: "/big" }), "/big/hashigo");
  const windows = { USERPROFILE: "C:/Users/ada", LOCALAPPDATA: "C:/Users/ada/AppData/Local" };
  assertEquals(of("windows", windows), "C:/Users/ada/AppData/Local/hashigo");
  assertEquals(of("windows", { USERPROFILE: "C:/Users/ada" }), "C:/Users/ada/.cache/hashigo");
  assertEquals(of("linux", { HOME: "", XDG_CACHE_HOME: "", LOCALAPPDATA: "/no" }), undefined);
});

function choose(named: string | undefined, temporary: string) {
  const notes: string[] = [];
  return { folder: chooseCache({ named, temporary, onNote: (line) => notes.push(line) }), notes };
}

Deno.test("a cache that can be written to is made and taken without a word", () =>
  inTemporaryFolder(async (folder) => {
    const named = `${folder}/new/hashigo`;
    assertEquals(choose(named, folder), { folder: named, notes: [] });
    assertEquals([...Deno.readDirSync(named)], [], "the probe is gone");
    await Promise.resolve();
  }));

Deno.test("without a cache a private temporary folder serves every process, and it is said", () =>
  inTemporaryFolder(async (folder) => {
    const first = choose(undefined, folder);
    assertEquals(first.notes.length, 1);
    assertStringIncludes(first.notes[0] ?? "", "neither HOME nor XDG_CACHE_HOME");
    assertStringIncludes(first.notes[0] ?? "", first.folder);
    if (Deno.build.os !== "windows") {
      assertEquals((Deno.statSync(first.folder).mode ?? 0) & 0o77, 0);
    }
    await Deno.writeTextFile(`${first.folder}/kept`, "");
    assertEquals(choose(undefined, folder).folder, first.folder);
    assertEquals([...Deno.readDirSync(folder)].length, 1, "nothing else is left");
  }));

Deno.test("a cache that cannot be written to is replaced", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const { folder: chosen, notes } = choose(`${folder}/file/hashigo`, folder);
    assert(chosen.startsWith(folder) && !chosen.includes("file"));
    assertStringIncludes(notes[0] ?? "", `"${folder}/file/hashigo" cannot be written to`);
  }));

Deno.test({
  name: "a temporary cache that somebody else may have filled is not taken",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const own = choose(undefined, folder).folder;
      await Deno.writeTextFile(`${own}/library.so`, "");
      await Deno.chmod(own, 0o777);
      assertNotEquals(choose(undefined, folder).folder, own, "all may write");
      await Deno.rename(own, `${folder}/elsewhere`);
      await Deno.chmod(`${folder}/elsewhere`, 0o700);
      await Deno.symlink(`${folder}/elsewhere`, own);
      assertNotEquals(choose(undefined, folder).folder, own, "a link");
    }),
});
