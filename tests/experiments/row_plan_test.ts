/** Rows with a budget of minutes: measured once, all seeds take as many steps. */
import { assert, assertEquals } from "@std/assert";
import { runExperimentRow } from "../../lib/experiments/run_cell.ts";
import { readPlan, type RunPlan } from "../../lib/runs/run_plan.ts";
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

/** The plan that the seeds of the only row of an experiment share. */
async function planIn(folder: string): Promise<RunPlan | undefined> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith("_plan")) return await readPlan(`${folder}/${name}`);
  }
}

Deno.test("seeds of a row take as many steps as the first of them planned", () =>
  inTemporaryFolder(async (runs) => {
    const options = { runs, limit: 20, signal: new AbortController().signal };
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
    await runExperimentRow(experiment, row, 1, {
      ...options,
      ...{ runs: `${runs}/alone`, now: clock(25), planOnly: true },
    });
    const alone = await planIn(`${runs}/alone/${experiment.name}`);
    assert(alone!.steps < planned, "where nothing was planned it measures itself");
  }));
