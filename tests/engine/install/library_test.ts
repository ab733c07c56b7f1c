import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { checkDigests, isWhole } from "../../../lib/io/wheels/completed_folder.ts";
import { cacheFolder, locateTensorFlow } from "../../../lib/engine/install/library.ts";
import { TensorFlowUnavailable } from "../../../lib/engine/install/platform.ts";
import { builds } from "../../../lib/engine/install/wheels.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { fakeHost, fine, playPip, writeFakeWheel } from "./fake_installation_fixture.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

/** Names below the cache, without the lock. */
function left(cache: string): string[] {
  return [...Deno.readDirSync(cache)].map(({ name }) => name).filter((n) => !n.endsWith(".lock"));
}

Deno.test("the wheel is fetched once, and found in the cache from then on", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/fake.whl`));
    const first = await locateTensorFlow({ host, build });
    assertEquals(first.source, "fetched");
    assertEquals((await Deno.stat(first.library)).size, 3_000_000);
    assertEquals((await Deno.stat(first.framework)).size, 1_000_000);
    assertEquals([...host.stages], ["Fetching fake 1", "Unpacking fake 1"]);
    assertEquals(left(host.cache), ["tensorflow-2.21.0-fake"]);
    assertEquals(left(`${host.cache}/tensorflow-2.21.0-fake`).sort(), [
      "manifest.json",
      "tensorflow",
    ]);
    await checkDigests(cacheFolder(host, build));

    const silent = fakeHost(host.cache, () => undefined);
    assertEquals((await locateTensorFlow({ host: silent, build })).source, "cache");
    assertEquals(silent.ran, []);
  }));

Deno.test("a library that was cut short is fetched again, a changed one fails its digest", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/fake.whl`));
    const { library } = await locateTensorFlow({ host, build });
    const bytes = await Deno.readFile(library);
    await Deno.writeFile(library, bytes.subarray(1));
    assertEquals((await locateTensorFlow({ host, build })).source, "fetched");
    await checkDigests(cacheFolder(host, build));
    await Deno.writeFile(library, bytes.map((byte, i) => i === 77 ? byte ^ 1 : byte));
    assert(isWhole(cacheFolder(host, build)));
    await assertRejects(
      () => checkDigests(cacheFolder(host, build)),
      UserError,
      "to have it fetched",
    );
  }));

Deno.test("HASHIGO_TENSORFLOW comes first, and is an error where the libraries are not there", () =>
  inTemporaryFolder(async (folder) => {
    const host = fakeHost(`${folder}/cache`, () => undefined, { HASHIGO_TENSORFLOW: folder });
    const failure = await assertRejects(() => locateTensorFlow({ host }), UserError, folder);
    assert(!(failure instanceof TensorFlowUnavailable), "wasm must not take over in silence");
    await Deno.mkdir(`${folder}/tensorflow`);
    for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
      await Deno.writeTextFile(`${folder}/tensorflow/${name}`, "");
    }
    const located = await locateTensorFlow({ host });
    assertEquals([located.source, located.folder], ["environment", `${folder}/tensorflow`]);
  }));

Deno.test("an installed Python package is used where it is the pinned version", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    for (const name of [build.framework, build.library]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    const python = (version: string) => (command: string) =>
      command.startsWith("python3 -c")
        ? { ...fine, stdout: JSON.stringify({ version, folder }) }
        : undefined;
    const host = fakeHost(`${folder}/cache`, python("2.21.0"));
    const located = await locateTensorFlow({ host, build });
    assertEquals([located.source, located.folder], ["python", folder]);
    const older = fakeHost(`${folder}/cache`, python("2.20.0"));
    await assertRejects(() => locateTensorFlow({ host: older, build }), TensorFlowUnavailable);
  }));

Deno.test("uv is used where there is no pip", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    const host = fakeHost(`${folder}/cache`, async (command) => {
      if (command === "uv --version") return fine;
      const [, target, list] = /^uv pip install .*--target (\S+) -r (\S+)$/.exec(command) ?? [];
      if (target === undefined || list === undefined) return undefined;
      assertStringIncludes(command, "--require-hashes");
      assertStringIncludes(await Deno.readTextFile(list), build.wheels[0]?.sha256 ?? "?");
      await Deno.mkdir(`${target}/tensorflow/python`, { recursive: true });
      await Deno.writeFile(`${target}/tensorflow/${build.framework}`, new Uint8Array(1_000_000));
      await Deno.writeFile(`${target}/tensorflow/${build.library}`, new Uint8Array(3_000_000));
      await Deno.writeFile(`${target}/tensorflow/python/unwanted.so`, new Uint8Array(10));
      return fine;
    });
    const { source, library } = await locateTensorFlow({ host, build });
    assertEquals([source, (await Deno.stat(library)).size], ["fetched", 3_000_000]);
    assertEquals(left(library.replace(/\/[^/]*$/, "")).length, 2);
    await checkDigests(cacheFolder(host, build));
  }));

Deno.test("a wrong digest is an error that wasm does not hide, and leaves nothing", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    const bytes = await Deno.readFile(`${folder}/fake.whl`);
    await Deno.writeFile(`${folder}/other.whl`, bytes.map((b, i) => i === 5000 ? b ^ 1 : b));
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/other.whl`));
    const failure = await assertRejects(
      () => locateTensorFlow({ host, build }),
      UserError,
      `expected ${build.wheels[0]?.sha256}`,
    );
    assert(!(failure instanceof TensorFlowUnavailable));
    assertEquals(left(host.cache), []);
  }));

Deno.test("without pip and uv, without network, without space: advice, and nothing left", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    const cache = `${folder}/cache`;
    const nobody = fakeHost(cache, () => undefined);
    const fails = (host: typeof nobody, part: string) =>
      assertRejects(() => locateTensorFlow({ host, build }), TensorFlowUnavailable, part);
    await fails(nobody, "Install Python");
    assertEquals(nobody.ran.slice(-5), [
      ...["python3 -m pip --version", "python -m pip --version"],
      ...["pip3 --version", "pip --version", "uv --version"],
    ]);

    const offline = fakeHost(cache, (command) => {
      if (command.endsWith("--version")) return fine;
      if (!command.includes("download")) return undefined;
      const stderr = "looking\nfor\nit\nfar\nERROR: no matching distribution\n";
      return { code: 1, stdout: "", stderr };
    });
    await fails(offline, "python3 -m pip failed; its last lines:\n  for\n  it\n  far\n  ERROR: no");
    await fails(offline, "Check the network");

    const full = {
      ...fakeHost(cache, (command) => command.endsWith("--version") ? fine : undefined),
      freeSpace: () => Promise.resolve(1_024_000),
    };
    await fails(full, "found 1 MB free");
    assertEquals(full.ran.some((command) => command.includes("download")), false);
    assertEquals(left(cache), []);
  }));

Deno.test("a cache that cannot be written is an error with advice", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    await Deno.writeTextFile(`${folder}/cache`, "a file, not a folder");
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/fake.whl`));
    await assertRejects(
      () => locateTensorFlow({ host, build }),
      TensorFlowUnavailable,
      "XDG_CACHE_HOME",
    );
  }));

Deno.test("with fetch: false nothing is fetched", () =>
  inTemporaryFolder(async (folder) => {
    const build = await writeFakeWheel(`${folder}/fake.whl`);
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/fake.whl`));
    await assertRejects(
      () => locateTensorFlow({ host, build, fetch: false }),
      TensorFlowUnavailable,
    );
    assertEquals(host.ran.some((command) => command.includes("pip")), false);
  }));

function startFetching(folder: string, ...more: string[]): Deno.ChildProcess {
  const script = fileURLToPath(import.meta.resolve("./fetching_process_fixture.ts"));
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      script,
      `${folder}/cache`,
      `${folder}/w`,
      `${folder}/log`,
      ...more,
    ],
    ...{ stdin: "null", stdout: "piped", stderr: "inherit" } as const,
  }).spawn();
}

Deno.test("two processes at once: one fetches, the other waits and finds it", () =>
  inTemporaryFolder(async (folder) => {
    const outputs = await Promise.all([1, 2].map(() => startFetching(folder).output()));
    assertEquals(outputs.map(({ code }) => code), [0, 0]);
    assertEquals(await Deno.readTextFile(`${folder}/log`), "downloaded\n");
    assertEquals(left(`${folder}/cache`), ["tensorflow-2.21.0-fake"]);
    assert(isWhole(`${folder}/cache/tensorflow-2.21.0-fake`));
  }));

Deno.test("the next start repairs the leftovers of a process killed half-way", () =>
  inTemporaryFolder(async (folder) => {
    const child = startFetching(folder, "pause");
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("half-way")) child.kill("SIGKILL");
    }
    assertEquals([(await child.status).signal, text.trim()], ["SIGKILL", "half-way"]);
    const [partial = ""] = left(`${folder}/cache`);
    assertStringIncludes(partial, "tensorflow-2.21.0-fake.partial-");

    assertEquals((await startFetching(folder).output()).code, 0);
    assertEquals(left(`${folder}/cache`), ["tensorflow-2.21.0-fake"]);
    assert(isWhole(`${folder}/cache/tensorflow-2.21.0-fake`));
    await checkDigests(`${folder}/cache/tensorflow-2.21.0-fake`);
  }));

Deno.test("every pinned wheel has a digest, and no two share one", () => {
  const wheels = Object.values(builds).flatMap((build) => [...build.wheels]);
  for (const { sha256, bytes } of wheels) {
    assert(/^[0-9a-f]{64}$/.test(sha256));
    assert(bytes > 0);
  }
  assertEquals(new Set(wheels.map(({ sha256 }) => sha256)).size, wheels.length);
});
