/** Plans the length of a run with a budget of minutes; a run that began before keeps its plan. */
import { UserError } from "../../errors/user_error.ts";
import type { RecipeBudget } from "../../recipe/options.ts";
import { listCheckpoints } from "../../runs/checkpoint/read.ts";
import type { RunPaths } from "../../runs/run_folder.ts";
import { readPlan, type RunPlan, storePlan } from "../../runs/run_plan.ts";
import { type TrainingSetup, withPlan } from "../setup.ts";
import { keptBytes } from "./kept_bytes.ts";
import { type RunToFit, type StepSeconds, stepsWithin, viewsWithin } from "./fit_steps.ts";
import { measureSteps } from "./measure_steps.ts";
import { tooShort } from "./too_short.ts";
import { planLine } from "./words.ts";

/** Largest share of the minutes that the measuring takes, compiling apart. */
const measuringShare = 0.05;

/** Options of {@linkcode planBudget}. */
export interface PlanBudgetOptions {
  /** A clock in milliseconds. */
  readonly now: () => number;
  /** Gets the plan in words. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Called before the measuring. */
  readonly onMeasuring?: (() => void) | undefined;
  /** Plan of another run, taken over where the run has none. Default: it is measured. */
  readonly given?: RunPlan | undefined;
  /** Takes the steps that are measured. Default {@linkcode measureSteps}. */
  readonly measure?: typeof measureSteps | undefined;
}

/**
 * The setup with its final plan: as it is without a budget. With one, the first steps are measured and as
 * many are planned as fit; the plan is kept in the run folder before the first of them, and taken from
 * there whenever the run is gone on with, so that it comes to the same end.
 *
 * @throws {UserError} where the minutes are not enough for one pass over the images, with what would fit,
 * or where the plan of a run that began is missing or another one
 */
export async function planBudget(
  run: Pick<RunPaths, "folder" | "checkpoints" | "plan">,
  setup: TrainingSetup,
  options: PlanBudgetOptions,
): Promise<TrainingSetup> {
  const { recipe } = setup;
  if (recipe.budget === undefined) return setup;
  const stored = await readPlan(run.folder), taken = stored ?? options.given;
  if (stored === undefined && (await listCheckpoints(run.checkpoints)).length > 0) {
    throw new UserError(
      `Cannot resume "${run.folder}" by a budget of minutes: found no plan.json, which says how long ` +
        "the run is. Begin again in another folder (--run)",
    );
  }
  if (taken !== undefined && taken.minutes !== recipe.budget.minutes) {
    throw new UserError(
      `Cannot go on with "${run.folder}" for ${recipe.budget.minutes} minutes: it was planned for ` +
        `${taken.minutes}, and a plan is never changed. Give budget.minutes=${taken.minutes}, or ` +
        "begin again in another folder (--run)",
    );
  }
  const budget = taken ?? await newPlan(run.folder, setup, recipe.budget, options);
  const planned = withPlan(setup, budget);
  if (stored === undefined) await storePlan(run.folder, budget);
  options.onNote?.(planLine(budget, planned.plan));
  return planned;
}

async function newPlan(
  folder: string,
  setup: TrainingSetup,
  { minutes, teacherShare }: RecipeBudget,
  { now, onMeasuring, measure = measureSteps }: PlanBudgetOptions,
): Promise<RunPlan> {
  const { recipe, order, images, plan: { stepsPerEpoch } } = setup;
  const { kind, batches } = recipe.standardizer;
  onMeasuring?.();
  const begun = now();
  const speed = positive(
    await measure(setup, {
      ...{ seconds: 60 * minutes * measuringShare, now },
      // A name that counts as nothing where a killed process leaves it.
      folder: `${folder}/measuring.partial`,
    }),
  );
  const measuringSeconds = (now() - begun) / 1000;
  const left = 60 * minutes - measuringSeconds;
  const fittedBatches = kind === "ema" || kind === "batch" ? 0 : batches;
  const run: RunToFit = { speed, order, images: images.count, fittedBatches };
  const views = recipe.featureCache === false
    ? recipe.images.views
    : recipe.images.views ?? viewsWithin(left, teacherShare, { speed, stepsPerEpoch });
  const kept = { views, missing: await missingShare(setup, views) };
  const pass = stepsWithin(Infinity, run, { ...kept, atMost: stepsPerEpoch });
  const { steps, seconds } = stepsWithin(left, run, kept);
  if (steps < stepsPerEpoch) {
    throw tooShort(recipe, {
      ...{ minutes, images: images.count, speed },
      needed: measuringSeconds + pass.seconds,
      fitting: steps * recipe.optimization.batchSize,
    });
  }
  const { startSeconds, stepSeconds, bySize, newViewSeconds } = speed;
  return {
    ...{ minutes, steps },
    ...views !== undefined && { views },
    ...{ expectedSeconds: measuringSeconds + seconds, measuringSeconds, startSeconds, stepSeconds },
    ...bySize && { bySize },
    ...newViewSeconds !== undefined && { newViewSeconds },
  };
}

/**
 * Share of the features of so many views that no run has kept yet: of the teacher, or the student's frozen
 * stages, that miss most.
 */
async function missingShare(setup: TrainingSetup, views: number | undefined): Promise<number> {
  const kept = await keptBytes({ ...setup, plan: { ...setup.plan, views } });
  return Math.max(0, ...kept.map(({ bytes, missing }) => bytes === 0 ? 0 : missing / bytes));
}

/** A clock may stand still between two steps; no step takes less than a microsecond. */
function positive(speed: StepSeconds): StepSeconds {
  return { ...speed, stepSeconds: Math.max(1e-6, speed.stepSeconds) };
}
