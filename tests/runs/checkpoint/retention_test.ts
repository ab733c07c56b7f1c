import { assertEquals } from "@std/assert";
import { saveCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { listCheckpointsWithLosses } from "../../../lib/runs/checkpoint/read.ts";
import { retainedCheckpoints } from "../../../lib/runs/checkpoint/retention.ts";
import { checkpointsAtMost } from "../../../lib/runs/disk_budget.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

Deno.test("newest, best and every third checkpoint stay, with what they lost", () =>
  inTemporaryFolder(async (run) => {
    const losses = [5, 1, 3, 4, 2, 6];
    for (const [i, loss] of losses.entries()) {
      const tensors = new Map([["a", { shape: [1], data: Float32Array.of(i) }]]);
      const retention = { keep: 1, keepBest: 2, keepEvery: 3 };
      await saveCheckpoint(run, { step: i + 1, loss, tensors, meta: {} }, retention);
    }
    const checkpoints = await listCheckpointsWithLosses(`${run}/checkpoints`);
    assertEquals(checkpoints.map(({ step }) => step).sort(), [2, 3, 5, 6]);
    assertEquals(checkpoints.find(({ step }) => step === 2)?.loss, 1);
    assertEquals(
      checkpointsAtMost({ keep: 1, keepBest: 2, keepEvery: 3 }, { steps: 6, every: 1 }),
      6,
    );
  }));

Deno.test("the start is not one of every third, and equal steps are kept once", () => {
  const at = (...steps: number[]) => steps.map((step) => ({ step }));
  const kept = retainedCheckpoints(at(0, 3, 5, 6, 7), { keep: 1, keepEvery: 3 });
  assertEquals([...kept].sort(), [3, 6, 7]);
  assertEquals([...retainedCheckpoints(at(0, 1, 2), {})].sort(), [1, 2]);
});
