import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { initState } from "../../lib/method/state.ts";
import { assertRunSpace, checkpointsAtMost } from "../../lib/runs/disk_budget.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("while one more is written, those that are kept are still there", () => {
  const saves = { steps: 100, every: 10 };
  assertEquals(checkpointsAtMost({}, saves), 3);
  assertEquals(checkpointsAtMost({ keep: 1, keepBest: 2, keepEvery: 30 }, saves), 1 + 2 + 3 + 1);
  assertEquals(checkpointsAtMost({ keep: 50 }, saves), 11, "no more than are ever saved");
});

Deno.test("a run needs its parameters and both their moments, for each checkpoint to come", () =>
  inTemporaryFolder(async (folder) => {
    const state = initState(tf.zeros([1000]), { teachers: [], averages: false });
    const recipe = { checkpoint: { every: 10, keep: 2, keepBest: 0 } };
    const needed: number[] = [];
    const measure = (bytes: number) => Promise.resolve(void needed.push(bytes));
    const run = { folder, checkpoints: `${folder}/checkpoints` };
    await assertRunSpace(run, { recipe, steps: 100 }, state, measure);
    await Deno.mkdir(`${run.checkpoints}/step-000010`, { recursive: true });
    await assertRunSpace(run, { recipe, steps: 100 }, state, measure);
    assertEquals(needed, [3 * 4 * 3000, 2 * 4 * 3000]);
  }));
