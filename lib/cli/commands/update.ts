/** `update RUN --images FOLDER`: a finished run learns new images, and keeps what it knows of the old ones. */
import { checkEvaluation } from "../../evaluation/check_evaluation.ts";
import { checkSource } from "../../images/sources/check_source.ts";
import { duration } from "../../io/duration.ts";
import { applyOverrides } from "../../recipe/overrides.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { checkRun, runPaths } from "../../runs/run_folder.ts";
import { accountText } from "../../report/tables/account_text.ts";
import { costText, evaluationCosts } from "../../report/tables/cost_table.ts";
import { updateText } from "../../report/tables/update_table.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import { measureUpdate } from "../../training/proposal/measure_update.ts";
import { defaultRehearsal, updateRecipe } from "../../training/proposal/update_recipe.ts";
import { defineCommand, UsageError } from "../command.ts";
import { nextStepLines } from "./next_steps.ts";
import { teacherNamed } from "./proposal_request.ts";
import { keepRecipeSource } from "./propose_run.ts";
import { checkRecipeRun, runRecipe } from "./run_recipe.ts";

/** The command, as a value. */
export const update = defineCommand({
  name: "update",
  group: "distil",
  summary: "Distils new images into a finished run, and rehearses old ones so that nothing is lost",
  details:
    "The new run starts from the old student and its projectors. Old images are seen in the old run's views:\n" +
    "what its teachers said of them comes from the feature cache, as far as it is still there. With --teachers\n" +
    "the old teachers are not needed: the old student takes their place beside those that are named.\n" +
    "Tasks of the old run and of --evaluate are measured before and after. See docs/drift.md.",
  example: "runs/photos --images photos_new --evaluate labelled_new",
  positionals: ["RUN"],
  interrupt: "signal",
  options: {
    images: { type: "list", value: "FOLDER", summary: "folder or zip of new images" },
    rehearse: {
      type: "number",
      value: "SHARE",
      summary: `share of old images in a pass, from 0 to 0.9; default ${defaultRehearsal}`,
    },
    teachers: {
      type: "list",
      value: "NAME",
      summary: "networks to learn from instead of the old teachers; default these",
    },
    minutes: {
      type: "number",
      value: "N",
      summary: "minutes of training, default a fifth of the old run's",
    },
    evaluate: {
      type: "list",
      value: "FOLDER",
      summary: "labelled sets to measure on, beside those of the old run",
    },
    run: { type: "text", value: "FOLDER", summary: "new run folder, default runs/NAME-update" },
    set: {
      type: "list",
      value: "KEY=VALUE",
      summary: "replaces an option of the recipe",
      commas: "kept",
    },
  },
  check: async ({ positionals: [given = ""], options }) => {
    const { images, rehearse = defaultRehearsal, minutes, evaluate, set } = options;
    const { folder: run } = runPaths(given);
    if (images.length === 0) {
      throw new UsageError("Found no --images, expected the folder of new images");
    }
    if (!(rehearse >= 0 && rehearse <= 0.9)) {
      throw new UsageError(`Found --rehearse ${rehearse}, expected a share from 0 to 0.9`);
    }
    if (minutes !== undefined && !(minutes > 0 && Number.isFinite(minutes))) {
      throw new UsageError(`Found --minutes ${minutes}, expected a number above 0`);
    }
    const teachers = await teachersOf(options.teachers);
    await checkRun(run);
    await locateStudent(run);
    for (const path of images) await checkSource(path);
    await checkEvaluation({ tasks: evaluate });
    const request = { run, images, rehearse, teachers, minutes, evaluate };
    const facts = await measureUpdate(request);
    const proposed = updateRecipe(request, facts);
    const recipe = applyOverrides(defineRecipe(proposed.recipe), set);
    const folder = options.run ?? `runs/${recipe.name}`;
    await checkRecipeRun(recipe, { folder, resume: false });
    const { rehearsed, wanted } = proposed;
    return { run, folder, recipe, facts, rehearsed, wanted };
  },
  run: async (
    { options, signal, say, progress, line, emit },
    { run, folder, recipe, facts, rehearsed, wanted },
  ) => {
    const { before, seconds, counts } = facts;
    progress(
      `update of ${run}: ${counts.new} new images and ${rehearsed} of its ${counts.old}, ` +
        `${recipe.budget?.minutes.toPrecision(2) ?? "?"} minutes; teachers ${
          recipe.teachers.map(({ name }) => name).join(", ")
        }`,
    );
    if (rehearsed < wanted) {
      progress(
        `  the old run has no more images to rehearse: their share of a pass wants ${wanted}`,
      );
    }
    const { summary, evaluation, report } = await runRecipe(recipe, {
      ...{ folder, signal, line, resume: false, others: [run] },
      onForecast: async ({ planned }) => await keepRecipeSource(folder, recipe, planned),
    });
    const scratch = seconds === undefined
      ? undefined
      : { before: seconds, scratch: seconds * (counts.old + counts.new) / counts.old };
    const cost = { seconds: summary.seconds, ...scratch };
    if (evaluation !== undefined) {
      const names = { before: before.name, after: "student" };
      const tasks = { old: before.evaluation.tasks, new: options.evaluate };
      say(
        `\n${updateText(evaluation.rows, names, tasks)}\n\n${
          costText(evaluationCosts(evaluation))
        }`,
      );
    }
    const beside = scratch === undefined
      ? ""
      : `; the old run took ${duration(scratch.before)}, and ` +
        `one from scratch on old and new images would take about ${
          duration(scratch.scratch)
        } at its pace`;
    say(`\n${duration(cost.seconds)} of training${beside}`);
    if (summary.account !== undefined) say(accountText(summary.account));
    say(`report: ${report}`);
    emit({
      ...{ run: summary.run, from: run, images: counts.new, rehearsed, finished: summary.finished },
      ...{ steps: summary.steps, stateDigest: summary.stateDigest, cost },
      rows: evaluation?.rows ?? [],
    });
    if (summary.finished) nextStepLines(recipe, { folder }).forEach(say);
  },
});

/** New teachers; undefined where the old ones stay. */
async function teachersOf(names: readonly string[]): Promise<BackboneSpec[] | undefined> {
  if (names.length === 0) return undefined;
  if (names.includes("none")) {
    throw new UsageError(
      "Found --teachers none, expected at least one network to learn new images from: the old student, which " +
        "takes the place of the old teachers, can teach only what it knows",
    );
  }
  const specs: BackboneSpec[] = [];
  for (const name of names) specs.push(await teacherNamed(name));
  return specs;
}
