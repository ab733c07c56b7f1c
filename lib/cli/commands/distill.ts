/** `distill RECIPE`, or `distill --images FOLDER --teachers NAME,NAME`: any run, resumable. */
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { defaultWattsPerCore } from "../../metrics/costs/account.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { tensorboardTracker } from "../../tracking/tensorboard.ts";
import { accountText } from "../../report/tables/account_text.ts";
import { comparisonText } from "../../report/tables/comparison_table.ts";
import { costText, evaluationCosts } from "../../report/tables/cost_table.ts";
import { stagesText } from "../../report/tables/stage_table.ts";
import { type AccountOptions, accountRates } from "../../training/account/rates.ts";
import { checkProcesses } from "../../training/processes/check_processes.ts";
import { checkTraining } from "../../training/check_training.ts";
import { defineCommand, UsageError } from "../command.ts";
import { followAs, leadFrom, readPlace, recipeNeeded } from "../processes/group.ts";
import { nextStepLines } from "./next_steps.ts";
import { checkProposedRun, proposalOptions, readProposal } from "./proposal_request.ts";
import { keepRecipeSource, proposeRun, runWithinMinutes } from "./propose_run.ts";
import { checkRecipeRun, measuredRecipe, runRecipe } from "./run_recipe.ts";
import { settleMode } from "../settle_mode.ts";
import { stoppedRun } from "./stopped_run.ts";

/** The command, as a value. */
export const distillCommand = defineCommand({
  name: "distill",
  group: "distil",
  summary: "Distils teachers into one student, by a recipe or from a folder of images",
  details:
    "Without a recipe, --images and --teachers are enough: student, sizes, steps and views are chosen\n" +
    "from the images, what the teachers cost here and the minutes. The run folder keeps the choice as\n" +
    "recipe.ts, to be read, changed and run again.\n\n" +
    "distill --resume RUN goes on with a stopped run, whose folder knows its recipe. With a recipe,\n" +
    "--resume goes on with the run of its name, or with that of --run.\n\n" +
    "--processes 4 starts three more processes on this machine, which share every batch. Started by srun or\n" +
    "torchrun, or with TF_CONFIG, each process finds its place by itself: see docs/processes.md.",
  example: "recipes/tiny_test.ts --set optimization.steps=20 --run runs/try",
  positionals: ["[RECIPE]"],
  interrupt: "signal",
  options: {
    ...proposalOptions,
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
    processes: {
      type: "number",
      value: "N",
      summary: "shares every batch among so many processes on this machine, default 1",
    },
    tensorboard: {
      type: "flag",
      summary: "also writes event files for TensorBoard in the run folder",
    },
    "grid-intensity": {
      type: "number",
      value: "G",
      summary: "g CO2e of a kWh, for carbon; default HASHIGO_GRID_INTENSITY, else none",
    },
    "watts-per-core": {
      type: "number",
      value: "W",
      summary: `where no meter counts; default HASHIGO_WATTS_PER_CORE, else ${defaultWattsPerCore}`,
    },
    set: {
      type: "list",
      value: "KEY=VALUE",
      summary: "replaces an option of the recipe",
      commas: "kept",
    },
  },
  check: async ({ positionals: [path], options, progress }) => {
    const { resume, allow, set } = options;
    const place = readPlace(options.processes);
    if (allow.length > 0 && !resume) {
      throw new UsageError(
        `Found --allow ${allow.join()} without --resume, expected both: a run that begins anew may ` +
          "differ in everything",
      );
    }
    accountRates(givenRates(options));
    const proposal = await readProposal(options);
    if ((path === undefined) === (proposal === undefined)) {
      throw new UsageError(
        path === undefined
          ? "Found nothing, expected RECIPE, or --images FOLDER with --teachers NAME,NAME"
          : `Found both the recipe ${path} and --images, expected one of them`,
      );
    }
    if (path === undefined || proposal !== undefined) {
      if (place !== undefined) throw recipeNeeded(place);
      const folder = options.run ?? `runs/${proposal!.request.name}`;
      await checkProposedRun(proposal!, { folder, resume });
      return { folder, proposal: proposal! };
    }
    const stopped = resume ? await stoppedRun(path) : undefined;
    const given = await loadRecipe(stopped?.recipe ?? path, set);
    const folder = options.run ?? stopped?.folder ?? `runs/${given.name}`;
    const begun = await Deno.stat(runPaths(folder).recipe).then(() => true, () => false);
    const settle = (recipe: Recipe) => settleMode(recipe, { folder, resume, onNote: progress });
    if (place !== undefined) {
      // Processes must agree, so none of them takes what is fastest on its own machine.
      checkProcesses(given, place.size);
      if (place.rank > 0) {
        await checkTraining(given, { processes: place.size });
        return { folder, recipe: given, place };
      }
    }
    const goesOn = place === undefined && resume && begun ? await settle(given) : given;
    await checkRecipeRun(goesOn, { folder, resume, allow, processes: place?.size });
    if (resume && !begun) progress(`there is no run in "${folder}" to resume: it begins anew`);
    // Only now, as it looks into the cache.
    const recipe = place === undefined ? await settle(goesOn) : given;
    return { folder, recipe, place, source: stopped?.recipe ?? path };
  },
  run: async ({ options, signal, say, line, emit }, { folder, ...checked }) => {
    const { resume, allow, set, tensorboard } = options;
    const { place } = checked;
    if (place !== undefined && place.rank > 0) {
      return await followAs(place, checked.recipe, { signal, onNote: line.notice });
    }
    await using lead = place && await leadFrom(place, {
      args: ["distill", checked.source!, ...set.flatMap((one) => ["--set", one])],
      onNote: line.notice,
    });
    const begin = (recipe: Recipe) =>
      runRecipe(recipe, {
        folder,
        trackers: tensorboard ? [tensorboardTracker(runPaths(folder).tensorboard)] : [],
        ...{ resume, allow, signal, account: givenRates(options), group: lead?.group },
        line,
        onForecast: async (forecast) => {
          emit({ forecast });
          if ("proposal" in checked) await keepRecipeSource(folder, recipe, forecast.planned);
        },
      });
    const recipe: Recipe = "recipe" in checked
      ? checked.recipe!
      : await proposeRun(checked.proposal, { folder, settings: set, line });
    const { summary, evaluation, report } = "recipe" in checked
      ? await begin(recipe)
      : await runWithinMinutes(recipe, begin, line.notice);
    if (evaluation !== undefined) {
      say(
        `\n${comparisonText(evaluation.rows, evaluation.means)}\n\n${
          costText(evaluationCosts(evaluation))
        }`,
      );
    }
    say(`\nreport: ${report}`);
    const { run, steps, images, seconds, loss, stateDigest, stages, account } = summary;
    if (stages !== undefined) say(`\n${stagesText(stages)}`);
    if (account !== undefined) say(`\n${accountText(account)}`);
    emit({ run, steps, images, seconds, loss, stateDigest, ...stages && { stages }, account });
    say(`state:  ${stateDigest}`);
    if (summary.finished) nextStepLines(measuredRecipe(recipe, folder), { folder }).forEach(say);
  },
});

/** What the options say of watts and carbon. */
function givenRates(options: {
  readonly "grid-intensity": number | undefined;
  readonly "watts-per-core": number | undefined;
}): AccountOptions {
  return {
    gridIntensity: options["grid-intensity"],
    wattsPerCore: options["watts-per-core"],
  };
}
