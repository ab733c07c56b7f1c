import { assertEquals, assertMatch } from "@std/assert";
import { saveCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { listCheckpoints, readCheckpoint } from "../../../lib/runs/checkpoint/read.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

async function changed(run: string, file: string, change: (text: string) => string) {
  const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
  const folder = await saveCheckpoint(run, { step: 1, tensors, meta: { seed: 1 } });
  const path = `${folder}/${file}`;
  await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
  return await readCheckpoint(folder);
}

Deno.test("a changed letter beside the tensors is noticed, though the length is the same", () =>
  inTemporaryFolder(async (run) => {
    const found = await changed(run, "meta.json", (text) => text.replace("1", "2"));
    assertEquals(found, "meta.json has another SHA-256 than the manifest says");
  }));

Deno.test("tensors are compared with the digest of the state", () =>
  inTemporaryFolder(async (run) => {
    const found = await changed(
      run,
      "manifest.json",
      (text) => text.replace(/"stateDigest": "./, (start) => start.slice(0, -1) + "x"),
    );
    assertMatch(String(found), /tensors differ/);
  }));

Deno.test("checkpoints are listed newest first, without what is unfinished or half removed", () =>
  inTemporaryFolder(async (run) => {
    for (
      const name of ["step-000002", "step-1000000", "step-000010", "step-000011.removed.partial"]
    ) {
      await Deno.mkdir(`${run}/${name}`);
    }
    await Deno.writeTextFile(`${run}/step-000012`, "");
    const steps = (await listCheckpoints(run)).map(({ step }) => step);
    assertEquals(steps, [1000000, 10, 2]);
    assertEquals(await listCheckpoints(`${run}/none`), []);
  }));
