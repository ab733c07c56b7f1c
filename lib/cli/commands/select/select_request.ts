/** What the command line of `select` asks to choose from, and by what. */
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { teacherModel } from "../../../evaluation/evaluate_run.ts";
import type { ModelSpec } from "../../../evaluation/models/open_model.ts";
import { checkMaterial } from "../../../evaluation/selection/material.ts";
import type { SelectTeachersOptions } from "../../../evaluation/selection/select_teachers.ts";
import {
  type SelectionProbe,
  selectionProbes,
} from "../../../evaluation/selection/subset_scores.ts";
import { checkClassificationTask } from "../../../evaluation/tasks/classification_task.ts";
import { surveyImages } from "../../../images/sources/survey.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { checkOutputFolder, checkOutside } from "../../../io/output_path.ts";
import { loadRecipe } from "../../../recipe/load.ts";
import type { Recipe } from "../../../recipe/options.ts";
import { type OptionValues, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions } from "../../decode_options.ts";
import { readReadoutOption } from "../../readout_option.ts";
import { readProposal, type RequestedProposal } from "../proposal_request.ts";

/** Options of the command. */
export const selectOptions = {
  data: {
    type: "list",
    value: "TASK",
    summary: "labelled sets, as of evaluate; only their train parts are used",
  },
  images: {
    type: "text",
    value: "FOLDER",
    summary: "folder or zip without labels; default the train images of --data",
  },
  recipe: {
    type: "text",
    value: "FILE",
    summary: "its teachers, tasks, readout and canvas are the defaults, and it is what is written",
  },
  budget: {
    type: "text",
    value: "COST",
    summary: "most of all teachers together: 20ms an image, or 10M parameters",
  },
  "cost-weight": {
    type: "number",
    value: "N",
    summary:
      "points that a unit of cost must bring: a ms where the budget is in ms, else a million parameters; default 0",
  },
  weights: { type: "list", value: "N", summary: "what each set of --data counts, default 1" },
  probe: {
    type: "text",
    value: "NAME",
    summary: "knn, linear (ridge regression) or both, their mean; default both",
  },
  readout: {
    type: "text",
    value: "WAY",
    summary: "as-is, chosen (by labels, for each teacher), or a readout FILE: the same for all",
  },
  canvas: {
    type: "number",
    value: "PIXELS",
    summary: "side at which all teachers see the images, default 64",
  },
  limit: {
    type: "number",
    value: "N",
    summary: "at most N images of each set, and without labels; default 600",
  },
  seed: { type: "number", value: "N", summary: "draws folds, held-out images and intervals" },
  ...decodeOptions,
  out: {
    type: "text",
    value: "FOLDER",
    summary: "also writes select.json, select.html and a recipe, select.ts",
  },
} as const;

/** Values of {@linkcode selectOptions}. */
export type SelectOptions = OptionValues<typeof selectOptions>;

/** What is chosen from, and where results go. */
export interface SelectRequest {
  readonly teachers: readonly ModelSpec[];
  readonly measure: SelectTeachersOptions;
  readonly out: string | undefined;
  /** The recipe that is written with the chosen teachers. */
  readonly recipe: Recipe | undefined;
  /** From what one is chosen where none was given; undefined where no images of a folder or zip are known. */
  readonly proposal: RequestedProposal | undefined;
}

/** Side at which all teachers see the images, unless a recipe has another. */
const defaultCanvas = 64;

/**
 * Completes the options by those of the recipe, and looks at everything that the choice will need.
 *
 * @throws {UserError} for fewer than two teachers, no images, one class, and names, numbers and places that
 * cannot be used
 */
export async function readSelectRequest(
  positionals: readonly string[],
  options: SelectOptions,
): Promise<SelectRequest> {
  const { images, out, seed, limit } = options;
  const recipe = options.recipe === undefined ? undefined : await loadRecipe(options.recipe);
  const teachers = teachersOf(positionals, recipe);
  const tasks = options.data.length > 0 || images !== undefined
    ? options.data
    : recipe?.evaluation.tasks ?? [];
  const measure: SelectTeachersOptions = {
    ...readDecodeOptions(options),
    ...budgetOf(options.budget),
    ...{ tasks, images },
    weights: options.weights.map(Number),
    probe: probeOf(options.probe),
    costWeight: costWeightOf(options["cost-weight"]),
    readout: options.readout === undefined
      ? tasks.length === 0 ? "as_is" : recipe?.evaluation.readout
      : await readReadoutOption(options.readout),
    feature: recipe?.evaluation.feature,
    canvas: wholeNumber("canvas", options.canvas ?? recipe?.images.canvas ?? defaultCanvas, 8),
    limit: limit === undefined ? undefined : wholeNumber("limit", limit, 24),
    seed: seed === undefined ? undefined : wholeNumber("seed", seed, 0),
  };
  checkMaterial(teachers, measure);
  const { canvas, readout } = measure;
  await checkEvaluation({ models: teachers, tasks, canvas, readout });
  const paths = images === undefined ? [] : [images];
  if (images !== undefined) {
    await checkSource(images);
    await surveyImages({ path: images });
  }
  for (const task of tasks) {
    const path = await checkClassificationTask(task);
    if (images === undefined && path !== undefined) paths.push(path);
  }
  if (out !== undefined) {
    await checkOutputFolder(out, "--out");
    await checkOutside({ path: out, option: "--out" }, paths);
  }
  const proposes = out !== undefined && recipe === undefined && paths.length > 0;
  const proposal = proposes
    ? await readProposal({
      ...{ images: paths, student: undefined, minutes: undefined, evaluate: tasks },
      teachers: teachers.map(({ source }) => source),
    })
    : undefined;
  return { teachers, measure, out, recipe, proposal };
}

/** Those that were named, or those of the recipe. */
function teachersOf(names: readonly string[], recipe: Recipe | undefined): ModelSpec[] {
  if (recipe === undefined) return names.map((source) => ({ source }));
  const known = recipe.teachers.map(teacherModel);
  const strange = names.find((name) => !known.some(({ source }) => source === name));
  if (strange !== undefined) {
    throw mistake(
      `${strange} beside --recipe`,
      `some of its teachers (${
        known.map(({ source }) => source).join(", ")
      }), or none for all of them`,
    );
  }
  return names.length === 0 ? known : known.filter(({ source }) => names.includes(source));
}

/** Such as "20ms" or "10M"; without one, costs are parameters. */
function budgetOf(text: string | undefined): Pick<SelectTeachersOptions, "budget" | "unit"> {
  if (text === undefined) return {};
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|M)$/.exec(text) ?? [];
  const budget = Number(number);
  if (budget > 0 && (unit === "ms" || unit === "M")) return { budget, unit };
  throw mistake(
    `--budget ${text}`,
    "a number above 0 with its unit: 20ms an image, or 10M parameters",
  );
}

function probeOf(name: string | undefined): SelectionProbe | undefined {
  const probe = selectionProbes.find((probe) => probe === name);
  if (name === undefined || probe !== undefined) return probe;
  throw mistake(`--probe ${name}`, selectionProbes.join(", "));
}

function costWeightOf(weight: number | undefined): number | undefined {
  if (weight === undefined || weight >= 0 && Number.isFinite(weight)) return weight;
  throw mistake(`--cost-weight ${weight}`, "points of 0 or more");
}

function wholeNumber(name: string, value: number, lowest: number): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  throw mistake(`--${name} ${value}`, `a whole number of at least ${lowest}`);
}

function mistake(present: string, expected: string): UsageError {
  return new UsageError(`Found ${present}, expected ${expected}`);
}
