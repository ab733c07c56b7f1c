/** The account of whole runs: left and resumed, of older checkpoints, of several stages. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { z } from "zod";
import { startEngine } from "../../../lib/engine/backend.ts";
import { noUse } from "../../../lib/metrics/costs/account.ts";
import { countOperations } from "../../../lib/metrics/costs/operations.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { loadLatestCheckpoint, saveCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { readAccount } from "../../../lib/runs/run_account.ts";
import { readRunResult } from "../../../lib/runs/run_result.ts";
import { studentOperations } from "../../../lib/training/forecast/student_operations.ts";
import { distill } from "../../../lib/training/distill.ts";
import { setUpTraining } from "../../../lib/training/setup.ts";
import { runFlop } from "../../../lib/training/account/run_flop.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

await startEngine();
const teachers = [madeUpTeacher()];
const used = z.object({ use: z.object({ processorSeconds: z.number(), joules: z.number() }) });

Deno.test("a run that is left and resumed adds up, and ends in the same state as one that is not", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 12 });
    const recipe = recipeOver(folder), account = { wattsPerCore: 10, gridIntensity: 500 };
    const whole = await runToEnd(recipe, { folder: `${folder}/whole`, teachers, account });
    const left = `${folder}/left`;
    for await (const { step } of distill(recipe, { folder: left, teachers })) if (step === 7) break;
    const checkpoint = await loadLatestCheckpoint(left);
    assert(checkpoint !== undefined);
    // What the first process used is made large, so that it cannot be taken for the second one's.
    const progress = used.loose().parse(checkpoint.meta.progress);
    assert(progress.use.processorSeconds > 0);
    const use = { processorSeconds: 5000, meteredSeconds: 4000, joules: 36_000 };
    await saveCheckpoint(left, {
      ...checkpoint,
      meta: { ...checkpoint.meta, progress: { ...progress, use } },
    });
    const { summary } = await runToEnd(recipe, { folder: left, teachers, resume: true, account });
    assertEquals(summary.stateDigest, whole.summary.stateDigest);
    const { processorSeconds = 0, kilowattHours, gramsCo2e } = summary.account!;
    assert(processorSeconds > 5000 && processorSeconds < 6000, `${processorSeconds} s`);
    assert(kilowattHours >= (36_000 + 1000 * 10) / 3.6e6, `${kilowattHours} kWh`);
    assertAlmostEquals(gramsCo2e!, 500 * kilowattHours, 1e-9);
    assertEquals((await readRunResult(left)).account, summary.account);
    assertEquals(await readAccount(left), summary.account);

    // A checkpoint of an older version knows of no use, nor does one that somebody changed.
    const last = (await loadLatestCheckpoint(left))!;
    for (const use of [undefined, { ...noUse, processorSeconds: -1 }]) {
      const progress = { ...last.meta.progress as object, use };
      await saveCheckpoint(left, { ...last, meta: { ...last.meta, progress } });
      const { summary } = await runToEnd(recipe, { folder: left, teachers, resume: true, account });
      assertEquals([summary.finished, summary.account], [true, undefined]);
      assertEquals(await readAccount(left), undefined);
    }
  }));

Deno.test("stages add up, in the summary as in what their results tell", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 12 });
    const recipe = defineRecipe({
      ...recipeOver(folder),
      stages: [{ name: "one", optimization: { steps: 3 } }, {
        name: "two",
        optimization: { steps: 4 },
      }],
    });
    const run = `${folder}/run`;
    const { summary } = await runToEnd(recipe, { folder: run, teachers });
    const [one, two] = await Promise.all(
      summary.stages!.map(async (stage) => (await readRunResult(stage.folder)).account!),
    );
    assertAlmostEquals(
      summary.account!.processorSeconds,
      one!.processorSeconds + two!.processorSeconds,
      1e-9,
    );
    // Three and four steps of the same student.
    assertAlmostEquals(two!.flop!.student / one!.flop!.student, 4 / 3, 1e-9);
    assertEquals(await readAccount(run), summary.account);
    await Deno.writeTextFile(`${summary.stages![0]!.folder}/result.json`, '{"seconds": 3}');
    assertEquals(await readAccount(run), undefined, "a stage of an older version");
  }));

Deno.test("arithmetic: three passes of the student, one of each teacher, until it stops", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 12 });
    const base = recipeOver(folder);
    const two = [madeUpTeacher(), madeUpTeacher((x) => x.neg(), "inverted")];
    const recipe = defineRecipe({ ...base, teachers: ["made_up", "inverted"] });
    // Each says of an image what a matrix of [16, 3] makes of it: 4 rows of 2 x 16 x 3 operations.
    const teachers = two.map((teacher) => ({
      ...teacher,
      features: (images: Parameters<typeof teacher.features>[0]) => {
        const rows = images.mean(3).reshape([-1, 4, 64]).slice([0, 0, 0], [-1, 4, 16]);
        const weights = images.mean().mul(0).add(images.slice([0, 0, 0, 0], [1, 16, 3, 1]))
          .reshape([1, 16, 3]);
        return { patch: rows.matMul(weights) as never };
      },
    }));
    const setup = await setUpTraining(recipe, { teachers });
    try {
      const { features } = setup.teachers[0]!;
      const { ones } = await import("@tensorflow/tfjs");
      assertEquals(await countOperations(() => features(ones([1, 16, 16, 3]))), 4 * 2 * 16 * 3);
      const ofView = 4 * 2 * 16 * 3, images = 12 * 4;
      const student = 3 * studentOperations(setup.student) * images;
      assertEquals(await runFlop(setup), { student, teachers: 2 * ofView * images });
      const stopped = await runFlop(setup, { inverted: 5 });
      assertEquals(stopped.teachers, ofView * (images + 5 * 4));
      const kept = defineRecipe({
        ...recipe,
        images: { ...recipe.images, views: 2 },
        featureCache: true,
      });
      const views = { ...setup, recipe: kept, plan: { ...setup.plan, views: 2 } };
      assertEquals((await runFlop(views)).teachers, 2 * ofView * 2 * 12, "two views of 12 images");
    } finally {
      setup.images.close();
    }
  }));

Deno.test("a result that is older, or whose account is none, still tells the rest", () =>
  inTemporaryFolder(async (folder) => {
    const write = (value: unknown) =>
      Deno.writeTextFile(`${folder}/result.json`, JSON.stringify(value));
    const account = { processorSeconds: 1, kilowattHours: 2, meteredShare: 0.5, wattsPerCore: 12 };
    await write({ seconds: 9, account });
    assertEquals(await readRunResult(folder), { seconds: 9, account });
    for (
      const wrong of [
        undefined,
        { ...account, meteredShare: 2 },
        { ...account, kilowattHours: -1 },
        { ...account, notMetered: "x".repeat(201) },
        7,
      ]
    ) {
      await write({ seconds: 9, stateDigest: "d", account: wrong });
      const { seconds, stateDigest, account: read } = await readRunResult(folder);
      assertEquals([seconds, stateDigest, read], [9, "d", undefined]);
    }
  }));
