/** Experiments as values: what is compared with what, on which seeds, and what the paper found. */
import { UserError } from "../errors/user_error.ts";
import type { RecipeInput } from "../recipe/input.ts";
import type { SpecialistRecipe } from "../training/supervised/recipe.ts";

/** One line of an experiment's table: a student that is distilled or taught by labels, or a frozen model. */
export type ExperimentRow =
  & {
    /** Lower case, digits and `_`; names run folders. */
    readonly name: string;
    /** What tables call it. Default: the name. */
    readonly title?: string;
  }
  & (
    | { readonly recipe: Omit<RecipeInput, "name" | "seed"> }
    | { readonly labels: Omit<SpecialistRecipe, "name" | "description" | "seed"> }
    | { readonly model: string }
  );

/** One column: a measurement, or the mean of several. */
export interface ExperimentColumn {
  /** What tables call it. */
  readonly title: string;
  /** As results name them: metric and task, such as "logistic world_shape". */
  readonly measures: readonly string[];
  /** Default false. */
  readonly lowerIsBetter?: boolean;
}

/** What the paper says of two rows, to be held against ours. */
export interface ExperimentClaim {
  /** In a sentence. */
  readonly claim: string;
  /** The paper's increment and where it stands, such as "+2.7 IN (Table 1)". */
  readonly paper: string;
  /** Names of the rows: the increment is that of `to` over `from`. */
  readonly from: string;
  /** As `from`. */
  readonly to: string;
  /** Title of the column, or measures whose mean is compared. */
  readonly column: string | readonly string[];
  /** What is taken of `from`, where it is something else. Default: the same column. */
  readonly fromColumn?: string | readonly string[];
  /** Whether the number goes up, goes down, or stays within `tolerance`, according to the paper. */
  readonly expected: "up" | "down" | "same";
  /** For "same": how far apart is still the same. Default 1. */
  readonly tolerance?: number;
  /** What we think why it came out as it did; written after it was seen. */
  readonly why?: string;
}

/** One line of a figure. */
export interface ExperimentLine {
  /** What the legend calls it. */
  readonly title: string;
  /** Name of the row. */
  readonly row: string;
  /** What is measured at each place. */
  readonly measure: (x: number) => string;
}

/** Numbers of an experiment over something that is varied. */
export interface ExperimentFigure {
  /** What is to be seen. */
  readonly title: string;
  /** Of the horizontal axis. */
  readonly xTitle: string;
  /** Of the vertical axis. */
  readonly yTitle: string;
  /** What is varied. */
  readonly x: readonly number[];
  /** At most 8. */
  readonly lines: readonly ExperimentLine[];
}

/** An image set that lies outside the package. */
export interface ExperimentData {
  /** Below the folder `HASHIGO_DATA`. */
  readonly path: string;
  /** How large it is. */
  readonly megabytes: number;
  /** What it is and where it is from. */
  readonly description: string;
}

/** A table of the paper, made again at a scale that anyone can run. */
export interface Experiment {
  /** Names the file of results. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Table or figure of the paper. */
  readonly paper: string;
  /** What is done, and on what, in a few sentences. */
  readonly description: string;
  /** What is compared. */
  readonly rows: readonly ExperimentRow[];
  /** Every row is run with each of them. */
  readonly seeds: readonly number[];
  /** Names of the tasks that every row is measured on. */
  readonly tasks: readonly string[];
  /** At most so many train and so many test images of each task. Default: all. */
  readonly limit?: number;
  /**
   * At so many moments, evenly over a run, losses and shares are kept too, such as "loss ratio at 25 %":
   * means over the time since the moment before. Default: of its last tenth only.
   */
  readonly moments?: number;
  /**
   * Tasks on which every row is also measured with few principal components and without its smallest
   * weights, in percent of its own k-NN accuracy: "components 4 digits", "pruned 50 digits". Default: none.
   */
  readonly capacity?: readonly string[];
  /** Image sets that the package may not contain, below `HASHIGO_DATA`. Default: none. */
  readonly needs?: readonly ExperimentData[];
  /** What the table shows of it. */
  readonly columns: readonly ExperimentColumn[];
  /** What the paper says. */
  readonly claims: readonly ExperimentClaim[];
  /** Shown below the table. Default: none. */
  readonly figures?: readonly ExperimentFigure[];
}

/**
 * Checks an experiment: names fit each other, so that a misspelt row or column is found before hours of
 * training and not after them.
 *
 * @throws {UserError} with what does not fit
 *
 * @example
 * ```ts
 * import { defineExperiment } from "@hashigo/hashigo";
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
  const { name, rows, seeds, columns, claims, figures = [] } = experiment;
  const refuse = (found: string, expected: string) =>
    new UserError(`Cannot use the experiment "${name}": found ${found}, expected ${expected}.`);
  if (!/^[a-z0-9_]+$/.test(name)) throw refuse(`its name`, "lower case letters, digits and _");
  if (seeds.length === 0) throw refuse("no seeds", "at least one");
  const names = rows.map((row) => row.name);
  const odd = names.find((row, i) => !/^[a-z0-9_]+$/.test(row) || names.indexOf(row) !== i);
  if (odd !== undefined) {
    throw refuse(`the row "${odd}"`, "different names of lower case letters, digits and _");
  }
  const checkRow = (row: string, place: string) => {
    if (names.includes(row)) return;
    throw refuse(`the row "${row}" in ${place}`, `one of ${names.join(", ")}`);
  };
  for (const { claim, from, to, column, fromColumn = column } of claims) {
    const place = `the claim "${claim}"`;
    for (const row of [from, to]) checkRow(row, place);
    for (const one of [column, fromColumn]) {
      if (typeof one !== "string" || columns.some(({ title }) => title === one)) continue;
      const known = columns.map(({ title }) => title).join(", ");
      throw refuse(`the column "${one}" in ${place}`, `one of ${known}`);
    }
  }
  for (const { title, lines } of figures) {
    for (const { row } of lines) checkRow(row, `the figure "${title}"`);
  }
  return experiment;
}
