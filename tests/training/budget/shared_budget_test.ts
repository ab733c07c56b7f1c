/** A budget of minutes of several processes: measured by all of them, planned by the leader, the same when resumed. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { GroupFailure } from "../../../lib/engine/collectives/group_end.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { readPlan } from "../../../lib/runs/run_plan.ts";
import { distill } from "../../../lib/training/distill.ts";
import { BudgetTooShort } from "../../../lib/training/budget/too_short.ts";
import { followDistillation } from "../../../lib/training/follow.ts";
import { cacheFiles, withOwnCache } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver } from "../tiny_distillation_fixture.ts";
import { pretendedProcesses, writeVariedImages } from "../processes/shared_fixture.ts";

await startEngine();

const teachers = [madeUpTeacher()];

/** Two processes, and a clock of the leader that goes on by a hundredth of a second whenever it is looked at. */
async function runTogether(
  recipe: Recipe,
  folder: string,
  { resume, leaveAt }: { readonly resume?: boolean; readonly leaveAt?: number } = {},
) {
  const groups = pretendedProcesses(2);
  const following = followDistillation(recipe, groups[1]!, { teachers });
  const lines: string[] = [];
  let time = 0;
  const leading = distill(recipe, {
    ...{ folder, resume, teachers, group: groups[0], now: () => time += 10 },
    signal: new AbortController().signal,
    onNote: (line) => lines.push(line),
  });
  const steps: number[] = [];
  try {
    let next = await leading.next();
    for (; !next.done; next = await leading.next()) {
      steps.push(next.value.step);
      if (steps.length !== leaveAt) continue;
      await leading.return(undefined as never);
      break;
    }
    const summary = next.done ? next.value : undefined;
    return { steps, lines, digest: summary?.stateDigest, plan: await readPlan(folder) };
  } finally {
    // What it hears of a leader that fails, its own test asks for.
    await following.catch((error) => lines.push(`the other: ${error.message}`));
  }
}

const budgeted = (folder: string, minutes: number, ...settings: string[]) => {
  const { optimization: { steps: _, ...optimization }, ...recipe } = recipeOver(folder);
  return applyOverrides(
    { ...recipe, optimization, budget: { minutes, teacherShare: 0.5 } },
    settings,
  );
};

for (
  const [name, ...settings] of [
    ["of live teachers"],
    ["of kept features", "featureCache=true", 'standardizer={"kind":"fixed","batches":2}'],
    ["of sharded moments", "optimization.sharded=true"],
    ["of images that rise in size", 'student.resolutions=[{"size":8,"until":0.5},16]'],
  ] as const
) {
  Deno.test(`two processes ${name} take as many steps as their leader plans, resumed too`, () =>
    withOwnCache(async (folder) => {
      await writeVariedImages(folder, 12);
      const recipe = budgeted(folder, 0.008, ...settings);
      const whole = await runTogether(recipe, `${folder}/whole`);
      assert(whole.plan !== undefined && whole.plan.steps > 5, JSON.stringify(whole.plan));
      assertEquals(whole.steps.length, whole.plan.steps);
      assert(whole.lines.some((line) => line.startsWith("planned for 0.008 min: ")));
      const left = await runTogether(recipe, `${folder}/left`, { leaveAt: 4 });
      assertEquals(left.plan, whole.plan, "the same clock");
      const resumed = await runTogether(recipe, `${folder}/left`, { resume: true });
      assertEquals(resumed.digest, whole.digest);
      if (!settings.some((setting) => setting === "featureCache=true")) return;
      assertEquals(cacheFiles(folder).filter((path) => path.includes("measuring")), []);
    }));
}

Deno.test("where the minutes are too short for a pass all processes hear why", () =>
  withOwnCache(async (folder) => {
    await writeVariedImages(folder, 80);
    const groups = pretendedProcesses(2), recipe = budgeted(folder, 0.0001);
    const following = followDistillation(recipe, groups[1]!, { teachers });
    const heard = assertRejects(() => following, GroupFailure, "one pass over its 80 images");
    let time = 0;
    const options = { folder: `${folder}/run`, teachers, group: groups[0], now: () => time += 10 };
    const error = await distill(recipe, options).next().catch((error) => error);
    assert(error instanceof BudgetTooShort, `${error}`);
    await heard;
  }));
