import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { loadLatestCheckpoint, saveCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { diskFiles, type FileContent, type Storage } from "../../../lib/io/storage.ts";
import { assertSpace } from "../../../lib/io/disk_space.ts";
import { stateDigest } from "../../../lib/method/state_digest.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

function stateAt(step: number) {
  const data = Float32Array.from({ length: 12 }, (_, i) => step + i / 7);
  const tensors = new Map([
    ["parameters", { shape: [3, 4], data }],
    ["statistics.mean", { shape: [2], data: Float32Array.of(step, -step) }],
    ["count", { shape: [], data: Float32Array.of(step) }],
  ]);
  return { step, tensors, meta: { seed: 0, sampler: { epoch: 1, position: step } } };
}

async function names(run: string): Promise<string[]> {
  const names = [];
  for await (const entry of Deno.readDir(`${run}/checkpoints`)) names.push(entry.name);
  return names.sort();
}

Deno.test("a checkpoint comes back whole", () =>
  inTemporaryFolder(async (run) => {
    assertEquals(await loadLatestCheckpoint(run), undefined);
    const state = stateAt(100);
    const folder = await saveCheckpoint(run, state);
    const checkpoint = await loadLatestCheckpoint(run);
    assertEquals([checkpoint?.step, checkpoint?.folder, checkpoint?.meta], [
      100,
      folder,
      state.meta,
    ]);
    assertEquals([...checkpoint?.tensors.keys() ?? []].sort(), [...state.tensors.keys()].sort());
    for (const [name, tensor] of state.tensors) assertEquals(checkpoint?.tensors.get(name), tensor);
    assertEquals(checkpoint?.stateDigest, stateDigest(state.tensors));
    assertEquals(await Deno.readTextFile(`${run}/checkpoints/latest`), "step-000100\n");
  }));

Deno.test("saving what was loaded gives the same bytes (item 40)", () =>
  inTemporaryFolder(async (run) => {
    const first = await saveCheckpoint(run, stateAt(7));
    const before = await Deno.readFile(`${first}/state.safetensors`);
    const loaded = await loadLatestCheckpoint(run);
    assert(loaded);
    const again = await saveCheckpoint(run, loaded);
    assertEquals(again, first);
    assertEquals(await Deno.readFile(`${again}/state.safetensors`), before);
    assertEquals(await names(run), ["latest", "step-000007"]);
  }));

Deno.test("the newest are kept, older ones and leftovers go", () =>
  inTemporaryFolder(async (run) => {
    await Deno.mkdir(`${run}/checkpoints/step-000001.partial`, { recursive: true });
    for (const step of [10, 20, 30, 1_000_000]) {
      await saveCheckpoint(run, stateAt(step), { keep: 2 });
    }
    assertEquals(await names(run), ["latest", "step-000030", "step-1000000"]);
    assertEquals((await loadLatestCheckpoint(run))?.step, 1_000_000);
  }));

for (const damage of ["flip", "cut", "missing", "manifest", "meta"]) {
  Deno.test(`a damaged checkpoint (${damage}) falls back to the one before, with a warning`, () =>
    inTemporaryFolder(async (run) => {
      await saveCheckpoint(run, stateAt(10));
      const folder = await saveCheckpoint(run, stateAt(20));
      const path = `${folder}/state.safetensors`;
      const bytes = await Deno.readFile(path);
      if (damage === "flip") bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
      if (damage === "cut") await Deno.writeFile(path, bytes.subarray(0, -1));
      if (damage === "flip") await Deno.writeFile(path, bytes);
      if (damage === "missing") await Deno.remove(path);
      if (damage === "manifest") await Deno.writeTextFile(`${folder}/manifest.json`, "{");
      if (damage === "meta") await Deno.writeTextFile(`${folder}/meta.json`, "{}");
      const warnings: string[] = [];
      const checkpoint = await loadLatestCheckpoint(run, {
        onWarning: (line) => warnings.push(line),
      });
      assertEquals(checkpoint?.step, 10);
      assertEquals(warnings.length, 1);
      assertStringIncludes(warnings[0] ?? "", "step-000020");
      // The damaged one is then replaced by the resumed run.
      await saveCheckpoint(run, stateAt(20));
      assertEquals((await loadLatestCheckpoint(run))?.step, 20);
    }));
}

Deno.test("where no checkpoint holds, resuming is refused rather than begun anew", () =>
  inTemporaryFolder(async (run) => {
    const folder = await saveCheckpoint(run, stateAt(10));
    await Deno.remove(`${folder}/meta.json`);
    await assertRejects(
      () => loadLatestCheckpoint(run, { onWarning: () => {} }),
      UserError,
      "none of its 1 checkpoints can be read",
    );
  }));

/** A disk that stops for good before its n-th change, as if the process had been killed there. */
function killedBefore(change: number): { files: Storage; changes: () => number } {
  let done = 0;
  const cut = <A extends unknown[]>(act: (...args: A) => Promise<void>) => async (...args: A) => {
    if (++done >= change) throw new Error("killed");
    await act(...args);
  };
  const files = {
    makeFolder: cut(diskFiles.makeFolder),
    // A write that is cut short leaves half a file under its own name, the worst case.
    async write(path: string, bytes: FileContent) {
      if (done + 1 === change) {
        await Deno.writeFile(path.replace(/latest$/, "latest.partial"), half(bytes));
      }
      await cut(diskFiles.write)(path, bytes);
    },
    flushFile: cut(diskFiles.flushFile),
    flushFolder: cut(diskFiles.flushFolder),
    rename: cut(diskFiles.rename),
    remove: cut(diskFiles.remove),
  };
  return { files, changes: () => done };
}

function half(content: FileContent): Uint8Array {
  const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  const whole = Uint8Array.from(
    parts.flatMap((part) => [...typeof part === "string" ? new TextEncoder().encode(part) : part]),
  );
  return whole.subarray(0, whole.length >> 1);
}

for (const again of [false, true]) {
  Deno.test(`killed before any change, the newest whole one loads${again ? " (saved again)" : ""}`, async () => {
    let survivedAll = false;
    for (let change = 1; !survivedAll; change++) {
      await inTemporaryFolder(async (run) => {
        for (const step of [10, 20]) await saveCheckpoint(run, stateAt(step));
        const step = again ? 20 : 30;
        const { files } = killedBefore(change);
        const saved = await saveCheckpoint(run, stateAt(step), { files }).then(
          () => true,
          () => false,
        );
        const checkpoint = await loadLatestCheckpoint(run, {
          onWarning: (line) => assert(false, `nothing half-written may be seen: ${line}`),
        });
        assert(checkpoint && [10, 20, 30].includes(checkpoint.step), "a whole checkpoint is found");
        if (!again) assert(checkpoint.step >= 20, `the newest stays until the new one is whole`);
        if (saved) assertEquals(checkpoint.step, step);
        await saveCheckpoint(run, stateAt(40));
        assertEquals((await names(run)).filter((name) => name.endsWith(".partial")), []);
        survivedAll = saved;
        assert(change < 50);
      });
      if (survivedAll) assert(change > 10, "every change was cut once");
    }
  });
}

Deno.test("a full disk is an error before anything is written", () =>
  inTemporaryFolder(async (run) => {
    const space = (bytes: number, folder: string) =>
      assertSpace(bytes, folder, { measure: () => Promise.resolve(5e5) });
    await assertRejects(
      () => saveCheckpoint(run, stateAt(1), { space }),
      UserError,
      "found 0.5 MB free",
    );
    assertEquals(await names(run), []);
  }));

Deno.test("a write that fails leaves nothing behind", () =>
  inTemporaryFolder(async (run) => {
    const files: Storage = {
      ...diskFiles,
      write: (path, bytes) =>
        path.endsWith("meta.json")
          ? Promise.reject(new UserError("no space left"))
          : diskFiles.write(path, bytes),
    };
    await assertRejects(() => saveCheckpoint(run, stateAt(1), { files }), UserError);
    assertEquals(await names(run), []);
  }));

Deno.test("the state digest is the SHA-256 over names, shapes and numbers in name order", async () => {
  const tensors = new Map([
    ["b", { shape: [1], data: Float32Array.of(2) }],
    ["a", { shape: [], data: Float32Array.of(1) }],
  ]);
  const text = (value: string) => [...new TextEncoder().encode(value)];
  const bytes = Uint8Array.from([
    ...text('["a",[]]'),
    0,
    0,
    0x80,
    0x3f,
    ...text('["b",[1]]'),
    0,
    0,
    0,
    0x40,
  ]);
  const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals(stateDigest(tensors), expected);
  tensors.set("a", { shape: [1], data: Float32Array.of(1) });
  assertNotEquals(stateDigest(tensors), expected);
});

Deno.test("a disk that fills up leaves the checkpoint before, and says what is safe", () =>
  inTemporaryFolder(async (run) => {
    const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
    await saveCheckpoint(run, { step: 1, tensors, meta: {} });
    const full: Storage = {
      ...diskFiles,
      async write(path, bytes) {
        if (path.endsWith("meta.json")) {
          throw Object.assign(new Error("No space left on device (os error 28)"), {
            code: "ENOSPC",
          });
        }
        await diskFiles.write(path, bytes);
      },
    };
    const save = () => saveCheckpoint(run, { step: 2, tensors, meta: {} }, { files: full });
    await assertRejects(save, UserError, "those before it are whole");
    assertEquals((await loadLatestCheckpoint(run))?.step, 1);
  }));
