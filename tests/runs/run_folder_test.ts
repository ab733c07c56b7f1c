import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openLog, readLog } from "../../lib/runs/step_log.ts";
import { duration } from "../../lib/io/duration.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { openRunFolder } from "../../lib/runs/run_folder.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const recipe = defineRecipe({
  name: "digits",
  images: { sources: [{ path: "digits.zip" }], size: 32 },
  teachers: ["digits"],
  student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
  optimization: { batchSize: 64, steps: 1000 },
});

function reportAt(step: number): StepReport {
  return {
    step,
    steps: 200,
    epoch: step / 50,
    images: step * 64,
    loss: 0.7 / step,
    losses: { digits: { cls: 0.5, patch: 0.7, total: 0.6 }, 梯子: { total: NaN } },
    shares: { digits: 0.75, 梯子: 0.25 },
    learningRate: 1e-3,
    gradientNorm: 2,
    standardizerWeight: 0.5,
    imagesPerSecond: 512.4,
    waitingShare: 0.021,
    seconds: step,
    secondsLeft: 200 - step,
  };
}

Deno.test("a log is read as it was written, NaN included", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    {
      using log = await openLog(path);
      for (const step of [1, 2, 3]) log.append(reportAt(step));
      log.flush();
    }
    assertEquals(await readLog(path), [1, 2, 3].map(reportAt));
  }));

for (const torn of ["", '{"step":4,"st', '{"step":4,"st\n', "\0\0\0\0\n"]) {
  Deno.test(`a resumed log cuts lines after the checkpoint and a torn end ${JSON.stringify(torn)}`, () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/log.jsonl`;
      {
        using log = await openLog(path);
        for (const step of [1, 2, 3]) log.append(reportAt(step));
      }
      await Deno.writeTextFile(path, torn, { append: true });
      assertEquals((await readLog(path)).length, 3);
      {
        using log = await openLog(path, { after: 2 });
        log.append({ ...reportAt(3), loss: 5 });
      }
      const reports = await readLog(path);
      assertEquals(reports.map(({ step }) => step), [1, 2, 3]);
      assertEquals(reports[2]?.loss, 5);
    }));
}

Deno.test("a log that is damaged in the middle is an error, a missing one too", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    await Deno.writeTextFile(path, `nonsense\n${JSON.stringify(reportAt(1))}\n`);
    await assertRejects(() => readLog(path), UserError, "line 1 is not the report");
    await assertRejects(() => readLog(`${folder}/none`), UserError, "no such file");
  }));

Deno.test("a run folder is made, refused to a second process and to a second run", () =>
  inTemporaryFolder(async (parent) => {
    const folder = `${parent}/runs/digits`;
    {
      using run = await openRunFolder(folder, recipe);
      assertEquals([run.resumed, run.finished], [false, false]);
      await assertRejects(
        () => openRunFolder(folder, recipe, { resume: true }),
        UserError,
        `another process (${Deno.pid}) is writing`,
      );
    }
    await assertRejects(() => openRunFolder(folder, recipe), UserError, "distill --resume");
    {
      using run = await openRunFolder(folder, { ...recipe, workers: 1 }, { resume: true });
      assertEquals([run.resumed, run.finished], [true, false]);
      await Deno.writeTextFile(run.result, "{}");
    }
    await assertRejects(() => openRunFolder(folder, recipe), UserError, "a finished run");
    using run = await openRunFolder(folder, recipe, { resume: true });
    assert(run.finished);
  }));

Deno.test("resuming with another recipe lists what differs", () =>
  inTemporaryFolder(async (folder) => {
    (await openRunFolder(folder, recipe)).release();
    const other = applyOverrides(recipe, ["optimization.epochs=3", 'teachers=["b"]']);
    const error = await assertRejects(
      () => openRunFolder(folder, other, { resume: true }),
      UserError,
    );
    assertStringIncludes(error.message, "optimization.epochs: not given -> 3");
    assertStringIncludes(error.message, "optimization.steps: 1000 -> not given");
    assertStringIncludes(error.message, 'teachers: [{"name":"digits"}] -> [{"name":"b"}]');
    // The refusal lets the folder go.
    (await openRunFolder(folder, recipe, { resume: true })).release();
  }));

Deno.test("a folder of other things is left alone", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/thesis.txt`, "");
    await assertRejects(() => openRunFolder(folder, recipe), UserError, "not a run");
    await assertRejects(
      () => openRunFolder(`${folder}/thesis.txt`, recipe),
      UserError,
      "found a file",
    );
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
  }));

Deno.test("durations have two units at most", () => {
  assertEquals(
    [0.4, 59.4, 59.6, 185, 3600, 7860, NaN, Infinity].map(duration),
    ["0 s", "59 s", "1 min 00 s", "3 min 05 s", "1 h 00 min", "2 h 11 min", "?", "?"],
  );
});
