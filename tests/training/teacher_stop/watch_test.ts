/** Runs whose teachers may stop: told, weighed 0, no longer asked, and the same when resumed. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { initParameters } from "../../../lib/method/student.ts";
import { heldOutLosses } from "../../../lib/method/held_out.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { readLog } from "../../../lib/runs/step_log.ts";
import { distill } from "../../../lib/training/distill.ts";
import { drawBatch, drawImages, uploadImages } from "../../../lib/training/batch.ts";
import { setUpTraining, viewsOf } from "../../../lib/training/setup.ts";
import { freshState } from "../../../lib/training/start.ts";
import { openTargets } from "../../../lib/training/targets.ts";
import { openTeacherWatch, storedTeachers } from "../../../lib/training/teacher_stop/watch.ts";
import { stepConfig } from "../../../lib/training/trainer.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd, withOwnCache } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

await startEngine();

const teachers = [madeUpTeacher(), madeUpTeacher((x) => x.square(), "squared")];

/** Measured every third step; a loss improves when it falls by 99 percent, so that one teacher stops. */
function stopping(folder: string, more: Partial<RecipeInput> = {}) {
  const { images, ...recipe } = recipeOver(folder);
  return defineRecipe({
    ...recipe,
    images: { ...images, views: 2 },
    teachers: ["made_up", "squared"],
    balancing: { stop: { heldOut: 6, every: 3, patience: 1, minimumImprovement: 0.99 } },
    ...more,
  });
}

for (const featureCache of [false, true]) {
  Deno.test(`a teacher stops, is told, and the run resumes to the same end (feature cache: ${featureCache})`, () =>
    withOwnCache(async (folder) => {
      await writeImages(folder, { count: 20 });
      const recipe = stopping(folder, { featureCache });
      const notes: string[] = [];
      const whole = await runToEnd(recipe, {
        ...{ folder: `${folder}/whole`, teachers },
        onNote: (line) => notes.push(line),
      });
      const stops = whole.summary.stoppedTeachers ?? {};
      const [stopped = ""] = Object.keys(stops);
      assertEquals(stops, { [stopped]: 6 }, "the other goes on");
      assert(
        notes.some((line) => line.startsWith(`teacher ${stopped} counts no more after step 6`)),
      );
      assertEquals(whole.reports.map(({ stopping = [] }) => stopping.length), [
        ...[0, 0, 0, 0, 0, 1],
        ...[0, 0, 0, 0, 0, 0],
      ]);
      const measured = whole.reports.flatMap(({ step, heldOut }) =>
        heldOut === undefined ? [] : [[step, Object.keys(heldOut).length]]
      );
      assertEquals(measured, [[3, 2], [6, 2], [9, 1], [12, 1]]);
      for (const { step, shares, losses } of whole.reports) {
        assertEquals(shares[stopped] === 0, step > 6, `step ${step}`);
        assertEquals(stopped in losses, step <= 6, `step ${step}`);
      }
      assertEquals((await readLog(`${folder}/whole/log.jsonl`)).at(5)?.stopping, [stopped]);

      for (const left of [4, 6, 8]) {
        const options = { folder: `${folder}/left ${left}`, teachers };
        for await (const { step } of distill(recipe, options)) if (step === left) break;
        const resumed = await runToEnd(recipe, { ...options, resume: true });
        assertEquals(resumed.digest, whole.digest, `left after ${left}`);
        assertEquals(resumed.summary.stoppedTeachers, stops);
        const numbers = resumed.reports.map(({ loss, losses, heldOut }) => ({
          loss,
          losses,
          heldOut,
        }));
        const expected = whole.reports.slice(left)
          .map(({ loss, losses, heldOut }) => ({ loss, losses, heldOut }));
        assertEquals(numbers, expected);
      }
    }));
}

Deno.test("with more patience than measurements a run is that without held-out images' teachers stopping", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 20 });
    const stop = { heldOut: 6, every: 3 };
    const watched = await runToEnd(
      stopping(folder, { balancing: { stop: { ...stop, patience: 9 } } }),
      {
        ...{ folder: `${folder}/watched`, teachers },
      },
    );
    const rarely = await runToEnd(
      stopping(folder, { balancing: { stop: { ...stop, every: 99 } } }),
      {
        ...{ folder: `${folder}/rarely`, teachers },
      },
    );
    assertEquals(watched.digest, rarely.digest, "measuring changes nothing");
    assertEquals(watched.summary.stoppedTeachers, {});
  }));

Deno.test("held-out losses are means over every image, of the student without stochastic depth", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 20 });
    // Six images in batches of four: the last batch is filled up with images that do not count.
    const setup = await setUpTraining(stopping(folder), { teachers });
    const { heldOut } = setup;
    assert(heldOut !== undefined);
    const { state, layout } = await freshState(setup);
    const watch = await openTeacherWatch(setup, {
      ...{ layout, parameters: state.tensors.parameters },
      state: {},
    });
    const { losses } = await watch!.measure(state);
    const drawn = drawImages({ ...setup, images: heldOut }, {
      indices: Uint32Array.from({ length: heldOut.count }, (_, i) => i),
      view: 0,
    });
    const inputs = uploadImages(heldOut.canvas, drawn);
    const images = viewsOf(setup)(inputs.pixels, inputs.augmentation);
    const targets = Object.fromEntries(setup.teachers.map((teacher) => {
      const { cls, patch } = teacher.features(images);
      return [teacher.name, { cls: cls!, patch: patch! }];
    }));
    const { parameters } = initParameters(setup.student, setup.random);
    const matrix = heldOutLosses(
      { parameters, statistics: state.tensors.statistics },
      { images, targets },
      stepConfig(setup, layout),
    );
    const means = tf.mean(matrix, 0).dataSync();
    assertEquals(Object.keys(losses), ["made_up", "squared"]);
    Object.values(losses).forEach((loss, i) => assert(Math.abs(loss - means[i]!) < 1e-5));
    watch!.dispose();
    setup.images.close();
  }));

for (const featureCache of [false, true]) {
  Deno.test(`a teacher that stopped is not asked (feature cache: ${featureCache})`, () =>
    withOwnCache(async (folder) => {
      await writeImages(folder, { count: 20 });
      const setup = await setUpTraining(stopping(folder, { featureCache }), { teachers });
      const targets = await openTargets(setup);
      const images = tf.fill<tf.Rank.R4>([4, 16, 16, 3], 0.5) as tf.Tensor4D;
      const views = () => Promise.resolve(images);
      const batch = drawBatch(setup, 0);
      const [all, some] = [
        await targets.compute(views, batch),
        await targets.compute(views, batch, ["squared"]),
      ];
      assertEquals(some.made_up!.patch!.dataSync(), all.made_up!.patch!.dataSync());
      assertEquals(some.squared!.cls!.shape, all.squared!.cls!.shape);
      assertEquals(some.squared!.patch!.shape, all.squared!.patch!.shape);
      assertEquals(some.squared!.patch!.abs().sum().dataSync()[0], 0);
      targets.dispose();
      setup.images.close();
    }));
}

Deno.test("a checkpoint without a word of teachers has none that stopped", () => {
  assertEquals(storedTeachers({ seconds: 3 }), {});
  const teachers = { a: { lowest: 1, waited: 2, stoppedAfter: 3 } };
  assertEquals(storedTeachers({ teachers }), teachers);
});
