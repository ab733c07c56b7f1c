/** The stages of a recipe one after the other, each a run of its own. */
import { relative, resolve } from "node:path";
import type { Recipe } from "../../recipe/options.ts";
import { type Stage, stageRecipes } from "../../recipe/stages/stage_recipes.ts";
import { openRunFolder, type RunFolder, runPaths } from "../../runs/run_folder.ts";
import { readAccount } from "../../runs/run_account.ts";
import { stageStates, storeStages } from "../../runs/stage_states.ts";
import type { StepReport } from "../../runs/step_report.ts";
import { removeUnbegunRun } from "../../runs/unbegun_run.ts";
import { isolateTrackers, type Tracker } from "../../tracking/trackers.ts";
import { checkTraining } from "../check_training.ts";
import type { DistillOptions, DistillRun } from "../distill_options.ts";
import type { DistillSummary } from "../finish.ts";
import { announceStage } from "./follow_stages.ts";
import { checkGivenTeachers, teachersOfStage } from "./given_teachers.ts";

/**
 * Distils stage by stage. Those that have finished are passed over; one that was stopped is resumed.
 *
 * @param distillRun distils one of them
 * @throws {UserError} as a run of any stage, and where the folder holds a run of other stages
 */
export async function* distillStages(
  recipe: Recipe,
  options: DistillOptions,
  distillRun: DistillRun,
): AsyncGenerator<StepReport, DistillSummary> {
  const { resume, allow, onNote, group, trackers = [] } = options;
  const { folder } = runPaths(options.folder ?? `runs/${recipe.name}`);
  const stages = stageRecipes(recipe, shortest(folder)), last = stages.at(-1)!;
  checkGivenTeachers(stages, options.teachers);
  await checkTraining(recipe, {
    openTeachers: options.teachers === undefined,
    openSource: !resume,
    processes: group?.size,
  });
  const existed = await exists(folder);
  using run = await openRunFolder(folder, last.recipe, { resume, allow, whole: recipe });
  await storeStages(folder, recipe);
  const total = stages.length;
  let before = 0;
  const own = isolateTrackers(trackers, { onWarning: (line) => onNote?.(`warning: ${line}`) });
  try {
    for (const [i, stage] of stages.entries()) {
      const paths = runPaths(stage === last ? folder : stage.folder);
      if (stage === last) run.release();
      else if (await exists(paths.result)) {
        before += (await stageStates(folder))[i]?.step ?? 0;
        onNote?.(`stage ${i + 1} of ${total}, ${stage.name}: finished before`);
        continue;
      }
      onNote?.(`stage ${i + 1} of ${total}, ${stage.name}: ${beginning(stage, stages[i - 1])}`);
      await announceStage(group, { stage: i, folder });
      const opened = await teachersOfStage(stage, options.teachers);
      try {
        const steps = distillRun(stage.recipe, {
          ...options,
          folder: paths.folder,
          // The folder of the last stage is that of the whole, which has its recipe from the start.
          resume: stage === last || await exists(paths.recipe),
          ...stage === last && { whole: recipe },
          ...stage.startsFromPrevious && { headsFrom: stage.previous },
          teachers: opened?.teachers,
          trackers: [continued(own, { before, stage: stage.name })],
        });
        const summary = yield* labelled(steps, `${stage.name} (${i + 1} of ${total})`);
        before += summary.steps;
        if (stage === last || !summary.finished) {
          const states = await stageStates(folder), account = await readAccount(folder);
          return { ...summary, run: folder, stages: states, account };
        }
      } finally {
        opened?.dispose();
      }
    }
    throw new Error("A recipe with stages has a last one");
  } catch (error) {
    await removeUnbegunStages(run, stages, { existed });
    throw error;
  } finally {
    await own.close();
  }
}

/** Takes back a run whose first stage could not begin. */
async function removeUnbegunStages(
  run: RunFolder,
  [first, ...others]: readonly Stage[],
  { existed }: { readonly existed: boolean },
): Promise<void> {
  const begun = others.length === 0 ? run.checkpoints : runPaths(first!.folder).recipe;
  if (await exists(begun)) return;
  // Not recursive: only what the first stage left empty.
  await Deno.remove(`${run.folder}/stages`).catch(() => {});
  await removeUnbegunRun(run, { existed });
}

/** A folder as it is called from here, however it was typed: it becomes part of the recipes of stages. */
function shortest(folder: string): string {
  const here = relative(Deno.cwd(), resolve(folder));
  return here === "" || here.startsWith("..") ? resolve(folder) : here.replaceAll("\\", "/");
}

/** What a stage begins with, in words. */
function beginning({ recipe, startsFromPrevious }: Stage, before: Stage | undefined): string {
  const from = startsFromPrevious ? before?.name : recipe.student.from;
  return `${recipe.teachers.map(({ name }) => name).join(", ")} into a student that starts ` +
    (from === undefined ? "at random" : `from ${from}`);
}

/** The reports of a stage, with its name. */
async function* labelled<Summary>(
  steps: AsyncGenerator<StepReport, Summary>,
  stage: string,
): AsyncGenerator<StepReport, Summary> {
  try {
    for (let next = await steps.next();; next = await steps.next()) {
      if (next.done) return next.value;
      yield { ...next.value, stage };
    }
  } finally {
    // Where the reader leaves early, the run saves its checkpoint.
    await steps.return?.(undefined as never);
  }
}

/** Trackers of the whole run, whose steps go on from those of the stages before. */
function continued(
  trackers: Pick<Tracker, "track">,
  { before, stage }: { readonly before: number; readonly stage: string },
): Tracker {
  return {
    name: "stages",
    track: (report) =>
      trackers.track({
        ...report,
        ...{ step: before + report.step, steps: before + report.steps, stage },
      }),
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
