import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemHost } from "../../lib/engine/install/host.ts";
import { locateTensorFlow } from "../../lib/engine/install/library.ts";
import { inTemporaryFolder } from "./install/fake_installation_fixture.ts";
import { runDeno } from "./deno_subprocess_fixture.ts";

/** Starts an engine in a process of its own. */
async function start(environment: Record<string, string>) {
  const args = ["run", "-A", "-q", "tests/engine/starting_process_fixture.ts"];
  const { code, stdout, stderr } = await runDeno(args, environment);
  return { code, stderr, found: JSON.parse(stdout || "{}") };
}

const wasm = {
  ...{ backend: "wasm", version: "4.22.0", library: null, devices: 1, compiles: false },
  ...{ sum: 3, held: 1, same: true, refused: true },
};

Deno.test("HASHIGO_BACKEND=wasm is obeyed, without a warning", async () => {
  const { code, found, stderr } = await start({ HASHIGO_BACKEND: "wasm" });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(found, wasm);
});

Deno.test("where TensorFlow cannot be had, wasm takes over and one line says what is lost", () =>
  inTemporaryFolder(async (folder) => {
    const { code, found, stderr } = await start({ PATH: folder, XDG_CACHE_HOME: folder });
    assertEquals(code, 0);
    assertEquals(found, wasm);
    assertEquals(stderr.trim().split("\n").length, 1);
    for (const part of ["no compilation, no bfloat16", "many times slower", "Install Python"]) {
      assertStringIncludes(stderr, part);
    }
  }));

Deno.test("TensorFlow that was asked for and cannot be had is an error", () =>
  inTemporaryFolder(async (folder) => {
    const environment = { PATH: folder, XDG_CACHE_HOME: folder, HASHIGO_BACKEND: "tensorflow" };
    assertStringIncludes((await start(environment)).found.error, "Install Python");
  }));

Deno.test("wrong variables are errors, even where wasm could take over", async () => {
  const { found } = await start({ HASHIGO_BACKEND: "torch" });
  assertEquals(found.error, "Found HASHIGO_BACKEND=torch, expected tensorflow or wasm");
  const named = await start({ HASHIGO_TENSORFLOW: "/nowhere" });
  assertStringIncludes(named.found.error, "HASHIGO_TENSORFLOW names /nowhere");
});

Deno.test("a file that is no library is an error, where it was named", () =>
  inTemporaryFolder(async (folder) => {
    for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "not a library");
    }
    const { found } = await start({ HASHIGO_TENSORFLOW: folder });
    assertStringIncludes(found.error, `${folder}/libtensorflow_cc.so.2 failed`);
  }));

const library = await locateTensorFlow({ host: systemHost(), fetch: false }).catch(() => undefined);

Deno.test({
  name: "TensorFlow starts in silence, and its process ends well by itself",
  ignore: library === undefined,
  fn: async () => {
    const { folder = "", library: path } = library ?? {};
    const { code, found, stderr } = await start({ HASHIGO_TENSORFLOW: folder });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(found, {
      ...{ backend: "tensorflow", version: "2.21.0", library: path, compiles: true },
      ...{ devices: found.devices, sum: 3, held: 1, same: true, refused: true },
    });
  },
});
