/** Rows with a budget of minutes: measured once, all seeds take as many steps. */
import { assert, assertEquals } from "@std/assert";
import { runExperimentRow } from "../../lib/experiments/run_cell.ts";
import { addRowPlan, mergeRowPlans, readRowPlan } from "../../lib/experiments/row_plans.ts";
import { trainingDigest } from "../../lib/experiments/results.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { experiment, tiny } from "./tiny_experiment_fixture.ts";

const { optimization: { steps: _, ...optimization }, ...recipe } = tiny;
const row = {
  name: "budgeted",
  recipe: { ...recipe, optimization, budget: { minutes: 0.02 } },
};

/** A clock that goes on by so many milliseconds whenever it is looked at. */
function clock(tick: number): () => number {
  let time = 0;
  return () => time += tick;
}

const stamp = { date: "2026-01-01", machine: "2 cores" };

Deno.test("seeds of a row take as many steps as the first of them planned", () =>
  inTemporaryFolder(async (runs) => {
    const plans = { path: `${runs}/results/plans.json`, ...stamp };
    const options = { runs, plans, limit: 20, signal: new AbortController().signal };
    const steps: number[] = [];
    const onStep = (step: number) => steps.push(step);
    const run = (seed: number, more: { now: () => number; planOnly?: boolean }) =>
      runExperimentRow(experiment, row, seed, { ...options, ...more, onStep });
    const only = await run(0, { now: clock(15), planOnly: true });
    assertEquals([only, steps], [undefined, []], "planned, and left before it goes on");
    await run(1, { now: clock(15), planOnly: true });
    const second = await run(1, { now: clock(25) });
    const planned = second?.["planned steps"];
    assert(planned !== undefined && planned > 25, `${planned}`);
    assertEquals(steps.at(-1), planned, "though its own clock is slower");
    assert(second!["planned seconds"]! <= 1.2);
    const alone = { path: `${runs}/alone/plans.json`, ...stamp };
    await runExperimentRow(experiment, row, 1, {
      ...options,
      ...{ runs: `${runs}/alone`, plans: alone, now: clock(25), planOnly: true },
    });
    const plan = await readRowPlan(alone.path, row);
    assert(plan!.steps < planned, "where nothing was planned it measures itself");
  }));

Deno.test("the first plan of what a row trains counts, and goes once its recipe changes", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/results/plans.json`;
    const plan = {
      ...{ minutes: 1, steps: 100, expectedSeconds: 59 },
      ...{ measuringSeconds: 5, startSeconds: 1, stepSeconds: 0.5 },
    };
    const about = { experiment: "one", row: "budgeted", ...stamp };
    await addRowPlan(path, { ...about, training: trainingDigest(row), plan });
    const later = { ...plan, steps: 90 };
    await addRowPlan(path, { ...about, training: trainingDigest(row), plan: later });
    const shared = { minutes: 1, steps: 100, expectedSeconds: 59, measuringSeconds: 0 };
    assertEquals(await readRowPlan(path, row), shared, "without the seconds of one machine");
    const same = { ...row, name: "of_another_experiment" };
    assertEquals(await readRowPlan(path, same), shared);
    const changed = { ...row, recipe: { ...row.recipe, budget: { minutes: 1 } } };
    assertEquals(await readRowPlan(path, changed), undefined);
    await addRowPlan(path, { ...about, training: trainingDigest(changed), plan: later });
    assertEquals(await readRowPlan(path, changed), { ...shared, steps: 90 });
    assertEquals(await readRowPlan(path, row), undefined);

    const merged = `${folder}/merged/plans.json`;
    await mergeRowPlans(merged, { from: path, experiments: ["another"] });
    assertEquals(await readRowPlan(merged, changed), undefined);
    await mergeRowPlans(merged, { from: path, experiments: ["one"] });
    assertEquals(await readRowPlan(merged, changed), { ...shared, steps: 90 });
  }));
