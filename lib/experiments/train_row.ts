/** Trains the student of one row of an experiment with one seed. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import type { Work } from "../io/progress_line.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import type { RecipeInput } from "../recipe/input.ts";
import { runPaths } from "../runs/run_folder.ts";
import { readPlan, type RunPlan } from "../runs/run_plan.ts";
import { readAccount } from "../runs/run_account.ts";
import { stageStates } from "../runs/stage_states.ts";
import { readLog } from "../runs/step_log.ts";
import type { StepReport } from "../runs/step_report.ts";
import { distill } from "../training/distill.ts";
import { trainSpecialist } from "../training/supervised/specialist.ts";
import type { ExperimentRow } from "./experiment.ts";
import { meanOf } from "../metrics/mean_of.ts";

/** Numbers by name: "logistic world_shape", "loss world_parts", "seconds". */
export type Measures = { readonly [measure: string]: number };

/** Options of {@linkcode trainRow}. */
export interface TrainRowOptions {
  /** Run folder of the row and seed. */
  readonly folder: string;
  /** Root of all randomness. */
  readonly seed: number;
  /** Parts of a run whose losses and shares are kept too. */
  readonly moments: number;
  /** Updates, instead of those of the recipe: a short form. Default: as in the recipe. */
  readonly steps?: number | undefined;
  /** What is done instead of measuring how many steps fit its budget of minutes. Default: it measures. */
  readonly plan?: RunPlan | undefined;
  /** Gets the plan that it measured, before its first step. */
  readonly onPlan?: ((plan: RunPlan) => Promise<void>) | undefined;
  /** Whether it stops as soon as it has a plan, to be resumed. Default false. */
  readonly planOnly?: boolean | undefined;
  /** Folder of the feature cache. Default: the user's, which all runs share. */
  readonly features?: string | undefined;
  /** Stops after the step in progress, to be resumed. Default: a first interrupt. */
  readonly signal?: AbortSignal | undefined;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** Called after every step, with the steps in all. */
  readonly onStep?: ((step: number, steps: number) => void) | undefined;
  /** Gets how far work outside the steps has come. */
  readonly onWork?: ((work: Work) => void) | undefined;
  /** Called with a line about anything else that happens. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/**
 * Trains the student of a row, where it has one, into the folder of a run. A distillation that was
 * stopped is resumed, one that has finished is only read.
 *
 * @returns what was measured while it trained; undefined where the signal stopped it
 * @throws {UserError} where a recipe or a teacher cannot be used
 */
export async function trainRow(
  row: ExperimentRow,
  options: TrainRowOptions,
): Promise<Measures | undefined> {
  if ("recipe" in row) return await runDistillation(row.recipe, options);
  if (options.planOnly) return undefined;
  if ("labels" in row) return await runSupervised(row.labels, options);
  return {};
}

async function runDistillation(
  input: Extract<ExperimentRow, { recipe: unknown }>["recipe"],
  { folder, seed, moments, steps, plan, onPlan, planOnly, onStep, ...options }: TrainRowOptions,
): Promise<Measures | undefined> {
  const name = folder.split("/").slice(-2).join(".");
  const recipe = defineRecipe({ ...shortForm(input, steps), name, seed });
  const paths = runPaths(folder);
  const measureDynamics = async () => ({
    ...summarise(await readLog(paths.log), moments),
    ...await secondsOfStages(folder),
    ...await usedSeconds(folder),
    ...await plannedMeasures(folder),
  });
  if (await isFile(paths.result)) return measureDynamics();
  const resume = await isFile(paths.recipe);
  if (planOnly && (plan !== undefined || recipe.budget === undefined)) return undefined;
  const run = distill(recipe, { folder, resume, plan, ...options });
  let next = await run.next();
  const measured = plan === undefined ? await readPlan(folder) : undefined;
  if (measured !== undefined) await onPlan?.(measured);
  if (planOnly) await run.return(undefined as never);
  if (planOnly) return undefined;
  for (; !next.done; next = await run.next()) {
    const { step, steps } = next.value;
    onStep?.(step, steps);
  }
  return next.value.finished ? await measureDynamics() : undefined;
}

/** What a run with a budget planned: its steps do not depend on how busy the machine was. */
async function plannedMeasures(folder: string): Promise<Measures> {
  const plan = await readPlan(folder);
  if (plan === undefined) return {};
  return { "planned steps": plan.steps, "planned seconds": plan.expectedSeconds };
}

/** Seconds of all processors over all its processes, which do not grow where others are busy; nothing of older runs. */
async function usedSeconds(folder: string): Promise<Measures> {
  const account = await readAccount(folder);
  return account === undefined ? {} : { "processor seconds": account.processorSeconds };
}

/** The seconds of all stages together; nothing of a run without stages. */
async function secondsOfStages(folder: string): Promise<Measures> {
  const stages = await stageStates(folder);
  if (stages.length === 0) return {};
  return { seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0) };
}

/** Mean losses and shares of each teacher over the last tenth of a run, and over each of `moments` parts. */
function summarise(reports: readonly StepReport[], moments: number): Measures {
  const part = (i: number) => Math.round(reports.length * i / moments);
  const parts = Array.from({ length: moments }, (_, i) => {
    const means = meanLosses(reports.slice(part(i), part(i + 1)));
    const at = Math.round(100 * (i + 1) / moments);
    return Object.fromEntries(
      Object.entries(means).map(([measure, value]) => [`${measure} at ${at} %`, value]),
    );
  });
  return Object.assign(
    { seconds: reports.at(-1)?.seconds ?? 0 },
    meanLosses(reports.slice(-Math.ceil(reports.length / 10))),
    ...parts,
  );
}

function meanLosses(reports: readonly StepReport[]): Measures {
  const mean = (of: (report: StepReport) => number) => meanOf(reports.map(of));
  const names = Object.keys(reports[0]?.losses ?? {});
  const losses = names.map((name) => mean((report) => report.losses[name]?.total ?? NaN));
  return {
    ...Object.fromEntries(names.map((name, i) => [`loss ${name}`, losses[i]!])),
    ...Object.fromEntries(
      names.map((name) => [`share ${name}`, mean((report) => report.shares[name] ?? 0)]),
    ),
    "loss ratio": Math.max(...losses) / Math.min(...losses),
  };
}

async function runSupervised(
  recipe: Extract<ExperimentRow, { labels: unknown }>["labels"],
  { folder, seed, steps, signal, onStep }: TrainRowOptions,
): Promise<Measures | undefined> {
  const begun = performance.now();
  const optimization = shortened(recipe, steps);
  const bytes = await trainSpecialist(
    { ...recipe, name: "labels", description: "From labels", seed, optimization },
    ({ step, steps }) => {
      signal?.throwIfAborted();
      onStep?.(step, steps);
    },
  );
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(runPaths(folder).student, bytes);
  return { seconds: (performance.now() - begun) / 1000 };
}

/** A recipe with other steps where some are named, in each of its stages too. */
function shortForm<R extends Pick<RecipeInput, "optimization" | "stages">>(
  input: R,
  steps?: number,
): R {
  if (steps === undefined) return input;
  const stages = input.stages?.map((stage) => {
    const { optimization } = stage;
    return optimization === undefined
      ? stage
      : { ...stage, optimization: shortened({ optimization }, steps) };
  });
  return { ...input, optimization: shortened(input, steps), ...stages && { stages } };
}

/** The optimization of a recipe, with other steps where some are named. */
function shortened<T extends object>({ optimization }: { optimization: T }, steps?: number): T {
  return steps === undefined ? optimization : { ...optimization, steps };
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
