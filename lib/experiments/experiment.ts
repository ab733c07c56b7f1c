/** Experiments as values: what is compared, with which seeds, and what the paper claims of it. */
import { UserError } from "../errors/user_error.ts";
import type { RecipeInput } from "../recipe/input.ts";
import type { SpecialistRecipe } from "../training/supervised/recipe.ts";

/** A row of an experiment: a student that is distilled or trained from labels, or a frozen model. */
export type ExperimentRow =
  & {
    /** Names run folders: lower case letters, digits and `_`. */
    readonly name: string;
    /** Name in tables. Default: `name`. */
    readonly title?: string;
  }
  & (
    | { readonly recipe: Omit<RecipeInput, "name" | "seed"> }
    | { readonly labels: Omit<SpecialistRecipe, "name" | "description" | "seed"> }
    | { readonly model: string }
  );

/** A column of an experiment: a measure, or the mean of several. */
export interface ExperimentColumn {
  /** Name in tables. */
  readonly title: string;
  /** Names of measures in results: metric and task, such as "logistic world_shape". */
  readonly measures: readonly string[];
  /** Whether a lower value is better. Default false. */
  readonly lowerIsBetter?: boolean;
}

/** A claim of the paper about two rows, compared with our results. */
export interface ExperimentClaim {
  /** The claim in a sentence. */
  readonly claim: string;
  /** The paper's increment and its place, such as "+2.7 IN (Table 1)". */
  readonly paper: string;
  /** Name of the row from which the increment is counted. */
  readonly from: string;
  /** Name of the row whose increment over `from` is claimed. */
  readonly to: string;
  /** Title of the column, or measures whose mean is compared. */
  readonly column: string | readonly string[];
  /** Column, or measures, of `from`, where another one is compared. Default: `column`. */
  readonly fromColumn?: string | readonly string[];
  /** Direction of the increment in the paper; "same": it stays within `tolerance`. */
  readonly expected: "up" | "down" | "same";
  /** Largest difference that counts as "same". Default 1. */
  readonly tolerance?: number;
  /** Our explanation of the outcome, written after it was known. Default: none. */
  readonly why?: string;
}

/** A line of a figure. */
export interface ExperimentLine {
  /** Name in the legend. */
  readonly title: string;
  /** Name of the row, or of the row at a place of the horizontal axis. */
  readonly row: string | ((x: number) => string);
  /** Name of the measure at a place of the horizontal axis, or of several, whose mean is shown. */
  readonly measure: (x: number) => string | readonly string[];
}

/** A figure of an experiment: measures over a quantity that is varied. */
export interface ExperimentFigure {
  /** Title of the figure. */
  readonly title: string;
  /** Title of the horizontal axis. */
  readonly xTitle: string;
  /** Title of the vertical axis. */
  readonly yTitle: string;
  /** Whether the vertical axis begins at zero. Default true. */
  readonly zero?: boolean;
  /** Places of the horizontal axis. */
  readonly x: readonly number[];
  /** Lines, at most 8. */
  readonly lines: readonly ExperimentLine[];
}

/** An image set outside the package. */
export interface ExperimentData {
  /** Path below the folder `HASHIGO_DATA`. */
  readonly path: string;
  /** Size in megabytes. */
  readonly megabytes: number;
  /** Content and origin. */
  readonly description: string;
}

/** A table of the paper, reproduced at a scale that anyone can run. */
export interface Experiment {
  /** Names the file of results: lower case letters, digits and `_`. */
  readonly name: string;
  /** Title of the table. */
  readonly title: string;
  /** Table or figure of the paper. */
  readonly paper: string;
  /** Method and data in a few sentences. */
  readonly description: string;
  /** The rows that are compared. */
  readonly rows: readonly ExperimentRow[];
  /** Every row is run with each seed; frozen models with the first only. */
  readonly seeds: readonly number[];
  /**
   * Number of seeds after which only the rows of claims that are too noisy to tell are run with further ones.
   * Default: all rows are run with all seeds.
   */
  readonly enoughSeeds?: number;
  /** Names of the tasks on which every row is measured. */
  readonly tasks: readonly string[];
  /** Most train images and most test images of each task. Default: all. */
  readonly limit?: number;
  /**
   * Number of parts of a run over which losses and shares are averaged, such as "loss ratio at 25 %",
   * beside its last tenth. Default: only its last tenth.
   */
  readonly moments?: number;
  /**
   * Tasks on which every row is also measured with few principal components and without its smallest
   * weights, in percent of its own k-NN accuracy: "components 4 digits", "pruned 50 digits". Default: none.
   */
  readonly capacity?: readonly string[];
  /** Whether whole images are also measured by the readout that is chosen for each row. Default: as they are only. */
  readonly readout?: "chosen";
  /**
   * Whether a third of the train part of each task is measured on, so that no choice sees a test image. Default
   * false.
   */
  readonly validation?: boolean;
  /**
   * Whether each run keeps the features of its teachers for itself, so that none saves the minutes of another.
   * Default: all runs share them.
   */
  readonly ownFeatures?: boolean;
  /**
   * Teachers beside which every row is measured. The paired difference to the best of them in the mean over the
   * tasks is a measure too: "lead knn", "lead knn low" and "lead knn high". Default: none.
   */
  readonly against?: readonly string[];
  /** Image sets that the package may not contain, below `HASHIGO_DATA`. Default: none. */
  readonly needs?: readonly ExperimentData[];
  /** Columns of the table. */
  readonly columns: readonly ExperimentColumn[];
  /** Claims of the paper. */
  readonly claims: readonly ExperimentClaim[];
  /** Figures below the table. Default: none. */
  readonly figures?: readonly ExperimentFigure[];
}

/**
 * Checks that the names of an experiment fit each other, so that a misspelt row or column is found before
 * hours of training.
 *
 * @returns the experiment
 * @throws {UserError} for the first name that does not fit
 *
 * @example
 * ```ts
 * import { defineExperiment } from "@hashigo/hashigo/experiments";
 * const experiment = defineExperiment({
 *   name: "baselines",
 *   title: "What pixels know",
 *   paper: "none",
 *   description: "Colours of 32 x 32 areas.",
 *   rows: [{ name: "pixels", model: "pixels" }],
 *   seeds: [0],
 *   tasks: ["digits"],
 *   columns: [{ title: "digits", measures: ["knn digits"] }],
 *   claims: [],
 * });
 * if (experiment.rows.length !== 1) throw new Error("One row");
 * ```
 */
export function defineExperiment(experiment: Experiment): Experiment {
  const { name, rows, seeds, enoughSeeds, columns, claims, figures = [] } = experiment;
  const refuse = (found: string, expected: string) =>
    new UserError(`Cannot use the experiment "${name}": found ${found}, expected ${expected}.`);
  if (!/^[a-z0-9_]+$/.test(name)) throw refuse("its name", "lower case letters, digits and _");
  if (seeds.length === 0) throw refuse("no seeds", "at least one");
  const isCount = enoughSeeds === undefined || Number.isInteger(enoughSeeds) && enoughSeeds > 1;
  if (!isCount || (enoughSeeds ?? 0) > seeds.length) {
    throw refuse(
      `enoughSeeds ${enoughSeeds}`,
      `a whole number from 2 to ${seeds.length}, its seeds`,
    );
  }
  const names = rows.map((row) => row.name);
  const wrong = names.find((row, i) => !/^[a-z0-9_]+$/.test(row) || names.indexOf(row) !== i);
  if (wrong !== undefined) {
    throw refuse(`the row "${wrong}"`, "different names of lower case letters, digits and _");
  }
  const checkRow = (row: string, place: string) => {
    if (names.includes(row)) return;
    throw refuse(`the row "${row}" in ${place}`, `one of ${names.join(", ")}`);
  };
  for (const { claim, from, to, column, fromColumn = column } of claims) {
    const place = `the claim "${claim}"`;
    for (const row of [from, to]) checkRow(row, place);
    for (const title of [column, fromColumn]) {
      const titles = columns.map(({ title }) => title);
      if (typeof title !== "string" || titles.includes(title)) continue;
      throw refuse(`the column "${title}" in ${place}`, `one of ${titles.join(", ")}`);
    }
  }
  for (const { title, x, lines } of figures) {
    for (const { row } of lines) {
      const shown = typeof row === "string" ? [row] : x.map(row);
      shown.forEach((row) => checkRow(row, `the figure "${title}"`));
    }
  }
  return experiment;
}
