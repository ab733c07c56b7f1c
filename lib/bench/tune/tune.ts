/** `tune`: tries ways of running a step on this processor, and keeps the fastest. */
import { knownFlagSets } from "../../engine/tuning/known_flags.ts";
import { fastestWay, keepTuning, type Tuning, wayText } from "../../engine/tuning/tuning.ts";
import { locateTensorFlow } from "../../engine/install/library.ts";
import { shapeOf } from "../../teachers/backbone.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";
import { keepTokens } from "../../teachers/keep_tokens.ts";
import { keptTokensOf } from "../../recipe/feature_cache.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { startEngine } from "../../engine/backend.ts";
import { stageRecipes } from "../../recipe/stages/stage_recipes.ts";
import { checkTraining } from "../../training/check_training.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { defineCommand } from "../../cli/command.ts";
import { today } from "../../cli/recording.ts";
import { tryWay } from "./try_way.ts";
import { tryWays, waysToTry } from "./try_ways.ts";
import { standardStep, stepText, studentKindOf, type TunedStep } from "./tune_step.ts";

/** The command, as a value. */
export const tune = defineCommand({
  name: "tune",
  group: "measure",
  summary: "Tries a dozen ways of running a step on this processor, and keeps the fastest",
  details:
    "Without a recipe the step is that of a small vision transformer; with one it is its own, on random\n" +
    "images. Each way (XLA or a graph, flags of XLA, precision) runs in a process of its own. The fastest\n" +
    "that computes the same is kept in the cache for this processor, this version of the library and this\n" +
    "kind of student. distill takes it for recipes that name no mode, in their own precision, and notes it\n" +
    "in the run; doctor shows it.",
  example: "recipes/tiny_test.ts",
  positionals: ["[RECIPE]"],
  options: {
    set: {
      type: "list",
      value: "KEY=VALUE",
      summary: "replaces an option of the recipe",
      commas: "kept",
    },
    seconds: { type: "number", value: "N", summary: "after which a way counts as failed (120)" },
  },
  check: async (
    { positionals: [path], options: { set } },
  ): Promise<{ readonly recipe?: Recipe }> => {
    if (path === undefined) return {};
    const whole = await loadRecipe(path, set);
    const recipe = stageRecipes(whole, "runs").at(-1)!.recipe;
    await checkTraining(recipe);
    return { recipe };
  },
  run: async ({ options: { seconds = 120 }, say, progress, emit }, { recipe }) => {
    const { folder, library } = await locateTensorFlow();
    const step = recipe === undefined ? { setting: standardStep } : await stepOf(recipe);
    const ways = waysToTry(await knownFlagSets(library));
    progress(`${ways.length} ways: ${stepText(step)}`);
    const options = { attempt: tryWay, tensorFlow: folder, seconds, onProgress: progress };
    const trials = await tryWays(step, ways, options);
    const tuning = { student: studentKindOf(step), step: stepText(step), date: today(), trials };
    const path = await keepTuning(tuning);
    tuningLines(tuning).forEach(say);
    say(`kept: ${path}`);
    const [float32, bfloat16] = (["float32", "bfloat16"] as const).map((precision) =>
      fastestWay(trials, precision) ?? null
    );
    emit({ ...tuning, fastest: { float32, bfloat16 }, path });
    return float32 === null ? 1 : 0;
  },
});

/** The step of a recipe; its teachers are opened for their shapes alone. */
async function stepOf(recipe: Recipe): Promise<TunedStep> {
  await startEngine();
  const teachers = [];
  for (const spec of recipe.teachers) {
    const teacher = await openBackbone(spec);
    teachers.push(shapeOf(keepTokens(teacher, keptTokensOf(recipe))));
    teacher.dispose();
  }
  return { recipe, teachers: teachers.sort((a, b) => a.name < b.name ? -1 : 1) };
}

/** The result for people. */
export function tuningLines(
  { student, step, trials }: Pick<Tuning, "student" | "step" | "trials">,
) {
  const rows = trials.toSorted((a, b) =>
    (a.milliseconds ?? Infinity) - (b.milliseconds ?? Infinity)
  )
    .map(({ milliseconds, refusal, ...way }) => [
      wayText(way),
      milliseconds === null ? "-" : `${milliseconds.toFixed(0)} ms`,
      refusal ?? "",
    ]);
  const lines = (["float32", "bfloat16"] as const).flatMap((precision) => {
    const way = fastestWay(trials, precision);
    return way === undefined ? [`no way in ${precision} counts`] : [`fastest: ${wayText(way)}`];
  });
  return [step, "", textTable(["way", "a step", "does not count"], rows, [0, 2]), "", ...lines]
    .concat(`taken by distill for students of kind ${student}, where a recipe names no mode`);
}
