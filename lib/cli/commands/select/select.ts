/** `select TEACHER…`: which teachers to distil, in which order, and what each adds and costs. */
import { startEngine } from "../../../engine/backend.ts";
import { UserError } from "../../../errors/user_error.ts";
import { teacherModel } from "../../../evaluation/evaluate_run.ts";
import { selectTeachers } from "../../../evaluation/selection/select_teachers.ts";
import { type Selection, writeSelection } from "../../../evaluation/selection/selection.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import type { Work } from "../../../io/progress_line.ts";
import type { Recipe } from "../../../recipe/options.ts";
import { parseRecipe } from "../../../recipe/recipe.ts";
import { recipeSource } from "../../../recipe/recipe_source.ts";
import { plotlyScript } from "../../../report/figures/plotly_script.ts";
import { selectionPage } from "../../../report/selection/selection_page.ts";
import { selectionSentences, selectionText } from "../../../report/tables/selection_table.ts";
import { commandLine } from "../../../runs/run_origin.ts";
import { recipeFor } from "../../../training/proposal/recipe_for.ts";
import { defineCommand } from "../../command.ts";
import { programName } from "../../program.ts";
import { readSelectRequest, selectOptions, type SelectRequest } from "./select_request.ts";

/** The command, as a value. */
export const select = defineCommand({
  name: "select",
  group: "measure",
  summary: "Chooses teachers: in which order, what each adds and costs, and where to stop",
  details:
    "TEACHER is a teacher of the zoo (or TEACHER@SIZE), FAMILY:FILE or a run; at least two.\n" +
    "With labelled sets (--data) a set of teachers is worth what a probe of their joined features gets right,\n" +
    "by cross-validation on train images; without (--images), how well it predicts what all of them say.\n" +
    "Teachers are added while each clearly adds something: where the 95 % interval of what the next one adds\n" +
    "covers 0, it stops. What each adds is less --cost-weight points for each unit that it costs.",
  example: "specialist_digits resnet20_cifar10 --data digits",
  positionals: ["[TEACHER...]"],
  options: selectOptions,
  check: ({ positionals, options }) => readSelectRequest(positionals, options),
  run: async ({ say, emit, progress, work }, request) => {
    await startEngine();
    const selection = await selectTeachers(request.teachers, {
      ...request.measure,
      onNote: progress,
      onWork: work,
    });
    say(selectionText(selection));
    const { out } = request;
    if (out !== undefined) {
      await Deno.mkdir(out, { recursive: true });
      await writeSelection(out, selection);
      const page = selectionPage(selection, {
        command: commandLine(),
        plotly: await plotlyScript(),
      });
      await writeFileAtomic(`${out}/select.html`, page);
      progress(`results: ${out}/select.json, ${out}/select.html`);
      progress(await keepRecipe(`${out}/select.ts`, selection, request, work));
    }
    emit(selection);
  },
});

/**
 * Writes the recipe of the chosen teachers.
 *
 * @returns a line that says so, or why there is none
 */
async function keepRecipe(
  path: string,
  selection: Selection,
  request: SelectRequest,
  onWork: (work: Work) => void,
): Promise<string> {
  let recipe: Recipe | undefined;
  try {
    recipe = await recipeOf(selection, request, onWork);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `no recipe: ${error.message}`;
  }
  if (recipe === undefined) {
    return "no recipe: images of the generated world lie in no folder. Give --recipe FILE or --images FOLDER";
  }
  const comment = [
    ...selectionSentences(selection),
    "",
    `Chosen by: ${commandLine()}`,
    `Run it:    ${programName()} distill ${path} --run FOLDER`,
  ];
  await writeFileAtomic(path, recipeSource(recipe, comment));
  return `recipe: ${path}`;
}

async function recipeOf(
  selection: Selection,
  request: SelectRequest,
  onWork: (work: Work) => void,
): Promise<Recipe | undefined> {
  const { recipe, proposal } = request, { chosen } = selection;
  // The recipe names them in the order of the choice.
  const pick = <T>(list: readonly T[], sourceOf: (one: T) => string) =>
    chosen.members.map((place) =>
      list.find((one) => sourceOf(one) === selection.teachers[place]!.source)!
    );
  if (recipe !== undefined) {
    const teachers = pick(recipe.teachers, (teacher) => teacherModel(teacher).source);
    return parseRecipe({ ...recipe, teachers });
  }
  if (proposal === undefined) return undefined;
  const { images, teachers, ...options } = proposal.request;
  const sources = new Map(teachers.map((teacher, i) => [teacher, request.teachers[i]!.source]));
  const chosenTeachers = pick(teachers, (teacher) => sources.get(teacher)!);
  const made = await recipeFor(images, { ...options, teachers: chosenTeachers, onWork });
  return made.recipe;
}
