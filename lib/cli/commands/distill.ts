/** `distill RECIPE`: any experiment, resumable. */
import { loadRecipe } from "../../recipe/load.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { tensorboardTracker } from "../../tracking/tensorboard.ts";
import { comparisonText } from "../../report/tables/comparison_table.ts";
import { costText, evaluationCosts } from "../../report/tables/cost_table.ts";
import { defineCommand, UsageError } from "../command.ts";
import { checkRecipeRun, runRecipe } from "./run_recipe.ts";
import { stoppedRun } from "./stopped_run.ts";

/** The command, as a value. */
export const distillCommand = defineCommand({
  name: "distill",
  group: "distil",
  summary: "Distils the teachers of a recipe into one student, then compares it with them",
  details:
    "distill --resume RUN goes on with a stopped run, whose folder knows its recipe. With a recipe,\n" +
    "--resume goes on with the run of its name, or with that of --run.",
  example: "recipes/tiny_test.ts --set optimization.steps=20 --run runs/try",
  positionals: ["RECIPE"],
  interrupt: "signal",
  options: {
    run: { type: "text", value: "FOLDER", summary: "run folder, default runs/NAME" },
    resume: {
      type: "flag",
      summary: "goes on from the newest checkpoint; instead of RECIPE give the folder of the run",
    },
    allow: {
      type: "list",
      value: "KEY",
      summary: "what may differ from what the resumed run was begun with",
    },
    tensorboard: {
      type: "flag",
      summary: "also writes event files for TensorBoard in the run folder",
    },
    set: {
      type: "list",
      value: "KEY=VALUE",
      summary: "replaces an option of the recipe",
      commas: "kept",
    },
  },
  check: async ({ positionals, options, progress }) => {
    const [path = ""] = positionals;
    const { resume, allow } = options;
    const stopped = resume ? await stoppedRun(path) : undefined;
    const recipe = await loadRecipe(stopped?.recipe ?? path, options.set);
    const folder = options.run ?? stopped?.folder ?? `runs/${recipe.name}`;
    if (allow.length > 0 && !resume) {
      throw new UsageError(
        `Found --allow ${allow.join()} without --resume, expected both: a run that begins anew may ` +
          "differ in everything",
      );
    }
    await checkRecipeRun(recipe, { folder, resume, allow });
    const begun = await Deno.stat(runPaths(folder).recipe).then(() => true, () => false);
    if (resume && !begun) progress(`there is no run in "${folder}" to resume: it begins anew`);
    return { recipe, folder };
  },
  run: async ({ options, signal, say, line, emit }, { recipe, folder }) => {
    const { summary, evaluation, report } = await runRecipe(recipe, {
      folder,
      trackers: options.tensorboard ? [tensorboardTracker(runPaths(folder).tensorboard)] : [],
      resume: options.resume,
      allow: options.allow,
      signal,
      line,
      onForecast: (forecast) => emit({ forecast }),
    });
    if (evaluation !== undefined) {
      say(
        `\n${comparisonText(evaluation.rows, evaluation.means)}\n\n${
          costText(evaluationCosts(evaluation))
        }`,
      );
    }
    say(`\nreport: ${report}`);
    const { run, steps, images, seconds, loss, stateDigest } = summary;
    emit({ run, steps, images, seconds, loss, stateDigest });
    say(`state:  ${stateDigest}`);
  },
});
