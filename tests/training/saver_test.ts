import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { type DistillState, initState, stateToHost } from "../../lib/method/state.ts";
import type { StudentParameters } from "../../lib/method/student.ts";
import { listCheckpointsWithLosses } from "../../lib/runs/checkpoint/read.ts";
import type { RunFolder } from "../../lib/runs/run_folder.ts";
import { openLog } from "../../lib/runs/step_log.ts";
import { type Layout, layoutOf } from "../../lib/tensors/parameters.ts";
import { makeSaver } from "../../lib/training/saver.ts";
import type { TrainingSetup } from "../../lib/training/setup.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("a checkpoint's loss is the mean since the one before it, without what is forgotten", () =>
  inTemporaryFolder(async (folder) => {
    const layout = layoutOf({ a: tf.ones([2]) }) as unknown as Layout<StudentParameters>;
    const state = initState(tf.ones([2]), { teachers: [], averages: false });
    const guard = { updates: 0, incidents: 0, losses: [] };
    const progress = { seconds: 0, loss: 0, guard, teachers: {} };
    const provenance = { images: "", teachers: {}, versions: {} };
    using log = await openLog(`${folder}/log.jsonl`);
    const setup = { recipe: { checkpoint: { keep: 9 } }, teachers: [] } as unknown as TrainingSetup;
    const run = { folder, resumed: false } as unknown as RunFolder;
    const start = { state, layout, provenance, progress, licences: {}, restored: false };
    const toHost = (of: DistillState) => stateToHost(of, start.layout);
    const saver = makeSaver(run, setup, { start, log, toHost, files: undefined });
    for (const [step, losses] of [[1, [1, 3]], [2, [5, 7]], [3, [8]]] as const) {
      losses.forEach(saver.addLoss);
      await saver.save({ ...state, step }, progress);
    }
    saver.addLoss(1000);
    saver.forgetLosses();
    saver.addLoss(3);
    await saver.save({ ...state, step: 4 }, progress);
    const saved = await listCheckpointsWithLosses(`${folder}/checkpoints`);
    assertEquals(saved.map(({ step, loss }) => [step, loss]), [[4, 3], [3, 8], [2, 6], [1, 2]]);
  }));
