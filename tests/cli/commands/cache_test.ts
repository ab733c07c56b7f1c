import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { tensorFlowVersion } from "../../../lib/engine/install/wheels.ts";
import { holdFile } from "../../../lib/io/file_lock.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const library = `tensorflow-${tensorFlowVersion}-linux-x86_64-cpu`;

/** The command in a process of its own, since a process chooses its cache once. */
async function trial(cache: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=write", "lib/cli/main.ts", "cache", ...args],
    cwd: root,
    stdin: "null",
    env: { XDG_CACHE_HOME: cache, NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, out: text(stdout), err: text(stderr) };
}

async function fill(cache: string) {
  const files = [
    ...["images/a.pack", "images/b.pack", "features/c.features", "pooled_features/d.safetensors"],
    ...[`${library}/manifest.json`, "tensorflow-1.0-old/x", `${library}.partial-1/x`, "own/file"],
    "weights/a-1/a.pth",
  ];
  for (const file of files) {
    const path = `${cache}/hashigo/${file}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, "x".repeat(10_000));
  }
}

async function left(cache: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${cache}/hashigo`)) names.push(name);
  return names.sort();
}

Deno.test("the cache is listed by kinds with sizes and times", () =>
  inTemporaryFolder(async (cache) => {
    await fill(cache);
    const { status, out, err } = await trial(cache, "--json");
    assertEquals(status, 0, err);
    const { folder, kinds }: { folder: string; kinds: Record<string, unknown>[] } = JSON.parse(out);
    assertEquals(folder, `${cache}/hashigo`);
    assertEquals(kinds.map(({ kind, files, cleaned }) => `${kind} ${files} ${cleaned}`).sort(), [
      ...["features 1 true", "images 2 true", "leftovers 2 true", "library 1 false"],
      ...["other 1 false", "pooled_features 1 true", "weights 1 false"],
    ]);
    const images = kinds.find(({ kind }) => kind === "images");
    assert(Number(images?.bytes) >= 20_000);
    assert(Math.abs(Date.parse(String(images?.lastUsed)) - Date.now()) < 1e5);
    assertStringIncludes((await trial(cache)).out, "decoded images");
  }));

Deno.test("--clean removes what is made again, but nothing that a process holds", () =>
  inTemporaryFolder(async (cache) => {
    await fill(cache);
    const refused = await trial(cache, "--clean");
    assertEquals(refused.status, 2);
    assertStringIncludes(refused.err, "expected --yes");
    assertEquals((await left(cache)).length, 8, "nothing is removed without a yes");
    {
      using held = Deno.openSync(`${cache}/hashigo/images/b.pack`);
      holdFile(held);
      const { status, out, err } = await trial(cache, "--clean", "--yes");
      assertEquals(status, 0, err);
      assertStringIncludes(out, "1 files stay, a process uses them");
    }
    assertEquals(await left(cache), ["images", "own", library, "weights"].sort());
    assertEquals([...Deno.readDirSync(`${cache}/hashigo/images`)].map(({ name }) => name), [
      "b.pack",
    ]);
    await trial(cache, "--clean", "library", "--yes");
    assertEquals(
      await left(cache),
      ["images", "own", "weights"],
      "the library goes where it is named",
    );
    const unknown = await trial(cache, "--clean", "own", "--yes");
    assertEquals(unknown.status, 2);
    assertStringIncludes(unknown.err, "Found the unknown kind own");
  }));

Deno.test({
  name: "--clean follows no link out of the cache",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryFolder(async (cache) => {
      await fill(cache);
      await Deno.mkdir(`${cache}/mine`);
      await Deno.writeTextFile(`${cache}/mine/photo`, "");
      await Deno.symlink(`${cache}/mine`, `${cache}/hashigo/images/link`);
      assertEquals((await trial(cache, "--clean", "--yes")).status, 0);
      assertEquals([...Deno.readDirSync(`${cache}/mine`)].length, 1);
      assertEquals(await left(cache), ["own", library, "weights"].sort());
    }),
});
