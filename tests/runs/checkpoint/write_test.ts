/** What a power cut, a failing disk and a second save of the same step find. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { diskFiles, type Storage } from "../../../lib/io/storage.ts";
import { loadLatestCheckpoint, saveCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const state = (step: number) => ({
  step,
  tensors: new Map([["a", { shape: [2], data: Float32Array.of(step, 2) }]]),
  meta: { seed: 0 },
});

/** The disk, which notes every change below a folder as "name path". */
function recorded(parent: string) {
  const calls: string[] = [];
  const note = (name: string, path: string) =>
    void calls.push(`${name} ${path.slice(parent.length + 1)}`);
  const files: Storage = {
    makeFolder: (path) => (note("make", path), diskFiles.makeFolder(path)),
    write: (path, bytes) => (note("write", path), diskFiles.write(path, bytes)),
    flushFile: (path) => (note("flush", path), diskFiles.flushFile(path)),
    flushFolder: (path) => (note("flush", path), diskFiles.flushFolder(path)),
    rename: (from, to) => (note("rename", from), diskFiles.rename(from, to)),
    remove: (path) => (note("remove", path), diskFiles.remove(path)),
  };
  return { calls, files };
}

Deno.test("every file is flushed after it is written, and all of them before they get their name", () =>
  inTemporaryFolder(async (run) => {
    const { calls, files } = recorded(`${run}/checkpoints`);
    await saveCheckpoint(run, state(1), { files });
    const partial = "step-000001.partial", named = calls.indexOf(`rename ${partial}`);
    for (const file of ["/state.safetensors", "/meta.json", "/manifest.json", ""]) {
      const flushed = calls.indexOf(`flush ${partial}${file}`);
      assert(
        flushed > calls.indexOf(`write ${partial}${file}`) && flushed < named,
        calls.join("\n"),
      );
    }
    const latest = calls.indexOf("write latest.partial");
    assertEquals(calls.slice(latest, latest + 3), [
      "write latest.partial",
      "flush latest.partial",
      "rename latest.partial",
    ]);
  }));

Deno.test("a step that is saved again is put aside first, and never removed in its place", () =>
  inTemporaryFolder(async (run) => {
    await saveCheckpoint(run, state(1));
    const { calls, files } = recorded(`${run}/checkpoints`);
    await saveCheckpoint(run, state(1), { files });
    assert(!calls.includes("remove step-000001"), calls.join("\n"));
    const aside = calls.indexOf("rename step-000001");
    assert(aside >= 0 && aside < calls.indexOf("rename step-000001.partial"));
  }));

Deno.test("what reads back otherwise than it was written is not taken for a checkpoint", () =>
  inTemporaryFolder(async (run) => {
    const files: Storage = {
      ...diskFiles,
      async write(path, content) {
        await diskFiles.write(path, content);
        if (!path.endsWith("state.safetensors")) return;
        const failing = await Deno.readFile(path);
        failing[failing.length - 1]! ^= 1;
        await Deno.writeFile(path, failing);
      },
    };
    await assertRejects(() => saveCheckpoint(run, state(1), { files }), UserError, "read back");
    await assertRejects(
      () => loadLatestCheckpoint(run, { onWarning: () => {} }),
      UserError,
      "none of its 1 checkpoints",
    );
  }));
