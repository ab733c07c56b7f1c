/** Runs with a budget of minutes: planned once, the same when resumed or repeated, refused when too short. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { BudgetTooShort } from "../../../lib/training/budget/too_short.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { readPlan } from "../../../lib/runs/run_plan.ts";
import { distill } from "../../../lib/training/distill.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd, withOwnCache } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

/** A clock that goes on by a hundredth of a second whenever it is looked at. */
function clock(): () => number {
  let time = 0;
  return () => time += 10;
}

function budgeted(folder: string, minutes: number, more: Partial<RecipeInput> = {}): Recipe {
  const { optimization: { steps: _, ...optimization }, ...recipe } = recipeOver(folder);
  return defineRecipe({ ...recipe, optimization, budget: { minutes }, ...more });
}

const quiet = { teachers: [madeUpTeacher()], now: clock() };

Deno.test("a run is planned by its own first steps, and repeats as a run of so many steps", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 10 });
    const notes: string[] = [];
    const run = await runToEnd(budgeted(folder, 0.005), {
      ...{ ...quiet, folder: `${folder}/run`, now: clock() },
      onNote: (line) => notes.push(line),
      onForecast: ({ planned, steps }) => notes.push(`forecast ${planned?.steps} ${steps}`),
    });
    const plan = await readPlan(`${folder}/run`);
    assert(plan?.stepSeconds !== undefined);
    // A step is one look at the clock, saving a checkpoint every three steps another.
    assert(Math.abs(plan.stepSeconds - (0.01 + 0.01 / 3)) < 1e-9, `${plan.stepSeconds}`);
    assert(plan.expectedSeconds <= 0.3 && plan.expectedSeconds > 0.2999 - plan.stepSeconds);
    assertEquals(run.summary.plan, plan, "told in the result");
    assertEquals(run.reports.length, plan.steps);
    assertEquals(run.reports[0]!.steps, plan.steps);
    assert(run.reports[0]!.seconds > plan.measuringSeconds, "measuring counts as training");
    const repeat = `--set optimization.steps=${plan.steps}`;
    assert(notes.some((line) => line.startsWith("planned for 0.005 min") && line.endsWith(repeat)));
    assert(notes.includes(`forecast ${plan.steps} ${plan.steps}`));
    assertEquals(
      [...Deno.readDirSync(`${folder}/run`)].filter(({ name }) => /partial/.test(name)),
      [],
    );

    const repeated = applyOverrides(budgeted(folder, 0.005), [`optimization.steps=${plan.steps}`]);
    assertEquals(repeated.budget, undefined);
    const again = await runToEnd(repeated, { ...quiet, folder: `${folder}/again` });
    assertEquals(again.digest, run.digest, "schedules, order and all");
  }));

Deno.test("a run that is left and resumed on a slower clock keeps its plan, and its end", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 10 });
    const recipe = budgeted(folder, 0.006, {
      featureCache: true,
      standardizer: { kind: "fixed", batches: 2 },
    });
    const whole = await runToEnd(recipe, { ...quiet, folder: `${folder}/whole`, now: clock() });
    const views = whole.summary.plan?.views ?? 0;
    assert(views >= 1, "views are planned where features are kept");
    const left = { ...quiet, folder: `${folder}/left` };
    for await (const { step } of distill(recipe, { ...left, now: clock() })) if (step === 4) break;
    let slow = 0;
    const resumed = await runToEnd(recipe, { ...left, resume: true, now: () => slow += 5000 });
    assertEquals(resumed.digest, whole.digest);
    assertEquals(resumed.summary.plan?.steps, whole.summary.steps);

    const fixed = applyOverrides(recipe, [
      `optimization.steps=${whole.summary.steps}`,
      `images.views=${views}`,
    ]);
    assertEquals(
      (await runToEnd(fixed, { ...quiet, folder: `${folder}/fixed` })).digest,
      whole.digest,
    );
  }));

Deno.test("where images rise in size, each size is measured, and weighs as much as the run has of it", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 10 });
    const { student } = recipeOver(folder);
    const resolutions = [{ size: 8, until: 0.75 }, 16];
    const recipe = budgeted(folder, 0.1, { student: { ...student, resolutions } });
    // The later it is looked at, the slower it gets, so the larger size takes longer.
    let time = 0, looks = 0;
    const notes: string[] = [];
    const run = await runToEnd(recipe, {
      ...{ ...quiet, folder: `${folder}/run` },
      now: () => time += looks++,
      onNote: (line) => notes.push(line),
    });
    const plan = await readPlan(`${folder}/run`);
    const [small, large] = plan?.bySize ?? [];
    assert(plan?.stepSeconds !== undefined && small !== undefined && large !== undefined);
    assertEquals([small.size, large.size], [8, 16]);
    assert(small.stepSeconds < large.stepSeconds);
    const mean = 0.75 * small.stepSeconds + 0.25 * large.stepSeconds;
    assert(Math.abs(plan.stepSeconds - mean) < 1e-9, `${plan.stepSeconds}, not ${mean}`);
    assert(notes.some((line) => / a step \([\d.]+ s at 8 px, [\d.]+ s at 16 px\);/.test(line)));
    const change = Math.floor(0.75 * plan.steps);
    assert(notes.includes(`step ${change}: the student's images have 16 px from here on`));
    assertEquals(run.summary.plan, plan);
  }));

Deno.test("what frozen stages give of larger images is planned, too, and resumed to the same end", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 8 });
    const student = { kind: "resnet_cifar", blocks: 1, freeze: 2, resolutions: [8, 16] } as const;
    const recipe = budgeted(folder, 0.1, { student, featureCache: true });
    // The later it is looked at, the faster it gets, so the second pass over a size takes less than the first.
    const quickening = () => {
      let time = 0, looks = 1;
      return () => time += 1000 / looks++;
    };
    const options = { ...quiet, folder: `${folder}/left` };
    for await (const { step } of distill(recipe, { ...options, now: quickening() })) {
      if (step === 5) break;
    }
    const plan = await readPlan(`${folder}/left`);
    const [small, large] = plan?.bySize ?? [];
    assertEquals([small?.frozenSeconds, small?.share, large?.share], [undefined, 0.5, 0.5]);
    assert(plan !== undefined && (large?.frozenSeconds ?? 0) > 0, JSON.stringify(plan));
    const resumed = await runToEnd(recipe, { ...options, resume: true });
    const repeated = applyOverrides(recipe, [
      `optimization.steps=${plan.steps}`,
      `images.views=${plan.views}`,
    ]);
    const again = await runToEnd(repeated, { ...quiet, folder: `${folder}/again` });
    assertEquals(resumed.digest, again.digest);
  }));

Deno.test("a budget that is too short for one pass is refused with what would fit", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 80 });
    const refused = (minutes: number, part: string) =>
      assertRejects(
        () =>
          runToEnd(budgeted(folder, minutes), { ...quiet, folder: `${folder}/run`, now: clock() }),
        BudgetTooShort,
        part,
      );
    const { images } = await refused(0.004, "budget.minutes=0.1 or more, or see at most ");
    assert(images >= 8 && images < 80, `${images}`);
    await refused(0.0001, "one pass over its 80 images takes 0 s here");
    assertEquals(
      await Deno.stat(`${folder}/run`).catch(() => "nothing is left"),
      "nothing is left",
    );
  }));

Deno.test("a plan is never changed: other minutes and a lost plan are refused", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 10 });
    const options = { ...quiet, folder: `${folder}/run` };
    const recipe = budgeted(folder, 0.005);
    for await (const { step } of distill(recipe, { ...options, now: clock() })) {
      if (step === 4) break;
    }
    const resume = { ...options, resume: true };
    await assertRejects(
      () => runToEnd(budgeted(folder, 7), { ...resume, allow: ["budget"] }),
      UserError,
      "for 7 minutes: it was planned for 0.005",
    );
    await assertRejects(
      () => runToEnd(budgeted(folder, 7), resume),
      UserError,
      "budget.minutes: 0.005 -> 7",
    );
    await Deno.remove(`${folder}/run/plan.json`);
    await assertRejects(() => runToEnd(recipe, resume), UserError, "found no plan.json");
  }));
