/** The guard's policy holds where features are kept, as it does where they are computed at each step. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { loadLatestCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { replayIncident } from "../../../lib/training/guard/replay.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";
import { runToEnd, withOwnCache } from "../shared_runs_fixture.ts";

/** A teacher whose features are 0 / 0 for a black image. */
const nanOfBlack = () => madeUpTeacher((colours) => tf.add(colours, tf.div(colours, colours)));

Deno.test("a NaN in a feature that would be kept is skipped as a live one, and kept by nobody", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 11, odd: 0 });
    const live = applyOverrides(recipeOver(folder), ["guard.policy=skip", "images.views=1"]);
    const cached = applyOverrides(live, ["featureCache=true"]);
    const refused = async (recipe: typeof live, name: string) => {
      const options = { folder: `${folder}/${name}`, teachers: [nanOfBlack()] };
      const { reports } = await runToEnd(recipe, options);
      return reports.flatMap(({ step, incident }) => incident === undefined ? [] : [step]);
    };
    const expected = await refused(live, "live");
    assertEquals(expected.length, 4, "once in each pass");
    assertEquals(await refused(cached, "filling"), expected);
    assertEquals(await refused(cached, "filled"), expected);
  }));

Deno.test("with a policy of stop the state is saved, the image named and the step replayed", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 11, odd: 0 });
    const recipe = applyOverrides(recipeOver(folder), ["images.views=1", "featureCache=true"]);
    const options = { folder: `${folder}/run`, teachers: [nanOfBlack()] };
    const { message } = await assertRejects(() => runToEnd(recipe, options), UserError);
    for (const part of ['"made_up"', '"a/odd.png"', "the state is saved"]) {
      assertStringIncludes(message, part);
    }
    const [, path = "", step] = /see (\S+step-0*(\d+)\.json)/.exec(message) ?? [];
    assertEquals((await loadLatestCheckpoint(options.folder))?.step, Number(step) - 1);
    assertEquals((await replayIncident(path, { teachers: [nanOfBlack()] })).reproduced, true);
  }));

Deno.test("finite features beyond float16 end the run with a saved state and the way out", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 11, odd: 0 });
    // Far above 65504 for the black image alone.
    const far = () =>
      madeUpTeacher((colours) =>
        tf.where(tf.greater(colours, 0), colours, tf.fill(colours.shape, 1e6))
      );
    const recipe = applyOverrides(recipeOver(folder), ["images.views=1", "featureCache=true"]);
    const options = { folder: `${folder}/run`, teachers: [far()] };
    const { message } = await assertRejects(() => runToEnd(recipe, options), UserError);
    assertStringIncludes(message, 'featureCache.precision="bfloat16"');
    const saved = await loadLatestCheckpoint(options.folder);
    assertEquals(typeof saved?.step, "number");
    const wider = applyOverrides(recipe, ['featureCache={"precision":"bfloat16"}']);
    const { summary } = await runToEnd(wider, { folder: `${folder}/wider`, teachers: [far()] });
    assertEquals(summary.finished, true);
  }));
