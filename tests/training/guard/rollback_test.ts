/** What a rollback goes back to, and which losses choose the best checkpoints. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { listCheckpointsWithLosses } from "../../../lib/runs/checkpoint/read.ts";
import { openRunFolder } from "../../../lib/runs/run_folder.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd } from "../shared_runs_fixture.ts";

const nanOfBlack = () => madeUpTeacher((colours) => tf.add(colours, tf.div(colours, colours)));

Deno.test("a run that is resumed before its first checkpoint can roll back to step 0", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 11, odd: 0 });
    const settings = ["guard.policy=rollback", "checkpoint.every=500"];
    const recipe = applyOverrides(recipeOver(folder), settings);
    const fresh = await runToEnd(recipe, { folder: `${folder}/fresh`, teachers: [nanOfBlack()] });
    // What a process leaves that was killed while it packed images: a recipe, no checkpoint.
    const options = { folder: `${folder}/killed`, teachers: [nanOfBlack()], resume: true };
    (await openRunFolder(options.folder, recipe))[Symbol.dispose]();
    const resumed = await runToEnd(recipe, options);
    const incident = resumed.reports.find((report) => report.incident)?.incident ?? "";
    assertStringIncludes(incident, "back to the state of step 0");
    assertEquals(resumed.digest, fresh.digest);
  }));

for (const policy of ["skip", "rollback"] as const) {
  Deno.test(`the loss of a checkpoint is that of the updates behind it, with a policy of ${policy}`, () =>
    inTemporaryFolder(async (folder) => {
      await writeImages(folder, { count: 95, odd: 0 });
      const recipe = applyOverrides(recipeOver(folder), [
        "optimization.steps=72",
        `guard.policy=${policy}`,
        "guard.spike=4",
        "checkpoint.every=4",
        "checkpoint.keep=99",
      ]);
      const far = madeUpTeacher((colours) =>
        tf.where(tf.greater(colours, 0), colours, tf.fill(colours.shape, 1e4))
      );
      const { reports } = await runToEnd(recipe, { folder: `${folder}/run`, teachers: [far] });
      const kept = await listCheckpointsWithLosses(`${folder}/run/checkpoints`);
      let [refused, counted]: [number, number[]] = [0, []];
      for (const { step, loss, incident } of reports) {
        if (incident === undefined) counted.push(loss);
        else if (++refused && policy === "rollback") counted = [];
        if (step % 4 !== 0) continue;
        const saved = kept.find((checkpoint) => checkpoint.step === step);
        const mean = counted.reduce((sum, value) => sum + value, 0) / counted.length;
        if (counted.length === 0) assertEquals(saved?.loss, undefined);
        else assertAlmostEquals(saved?.loss ?? NaN, mean, 1e-9, `step ${step}`);
        counted = [];
      }
      assert(refused > 0, "a loss that leaps was refused");
    }));
}
