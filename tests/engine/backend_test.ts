import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemHost } from "../../lib/engine/install/host.ts";
import { locateTensorFlow } from "../../lib/engine/install/library.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { runDeno } from "./deno_subprocess_fixture.ts";

/** Starts an engine in a process of its own. */
async function start(environment: Record<string, string>) {
  const args = ["run", "-A", "-q", "tests/engine/starting_process_fixture.ts"];
  const { code, stdout, stderr } = await runDeno(args, environment);
  return { code, stderr, outcome: JSON.parse(stdout || "{}") };
}

const wasm = {
  ...{ backend: "wasm", version: "4.22.0", library: null, devices: 1, compiles: false },
  ...{ sum: 3, held: 1, same: true, refused: true },
};

Deno.test("HASHIGO_BACKEND=wasm starts wasm without a warning", async () => {
  const { code, outcome, stderr } = await start({ HASHIGO_BACKEND: "wasm" });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(outcome, wasm);
});

Deno.test("where TensorFlow is not available, wasm takes over with one line of warning", () =>
  inTemporaryFolder(async (folder) => {
    const { code, outcome, stderr } = await start({ PATH: folder, XDG_CACHE_HOME: folder });
    assertEquals(code, 0);
    assertEquals(outcome, wasm);
    assertEquals(stderr.trim().split("\n").length, 1);
    for (const part of ["no compilation, no bfloat16", "many times slower", "Install Python"]) {
      assertStringIncludes(stderr, part);
    }
  }));

Deno.test("TensorFlow by name is an error where it is not available", () =>
  inTemporaryFolder(async (folder) => {
    const environment = { PATH: folder, XDG_CACHE_HOME: folder, HASHIGO_BACKEND: "tensorflow" };
    assertStringIncludes((await start(environment)).outcome.error, "Install Python");
  }));

Deno.test("wrong variables are errors, even where wasm could take over", async () => {
  const { outcome } = await start({ HASHIGO_BACKEND: "torch" });
  assertEquals(outcome.error, "Found HASHIGO_BACKEND=torch, expected tensorflow or wasm");
  const named = await start({ HASHIGO_TENSORFLOW: "/nowhere" });
  assertStringIncludes(named.outcome.error, "HASHIGO_TENSORFLOW names /nowhere");
});

Deno.test("a named file that is no library is an error", () =>
  inTemporaryFolder(async (folder) => {
    for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "not a library");
    }
    const { outcome } = await start({ HASHIGO_TENSORFLOW: folder });
    assertStringIncludes(outcome.error, `${folder}/libtensorflow_cc.so.2 failed`);
  }));

const library = await locateTensorFlow({ host: systemHost(), fetch: false }).catch(() => undefined);

Deno.test({
  name: "TensorFlow starts in silence, and its process ends well by itself",
  ignore: library === undefined,
  fn: async () => {
    const { folder = "", library: path } = library ?? {};
    const { code, outcome, stderr } = await start({ HASHIGO_TENSORFLOW: folder });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(outcome, {
      ...{ backend: "tensorflow", version: "2.21.0", library: path, compiles: true },
      ...{ devices: outcome.devices, sum: 3, held: 1, same: true, refused: true },
    });
  },
});
