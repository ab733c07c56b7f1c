/** The comparison of options at equal minutes, as an experiment: a row for each option and number of minutes. */
import type { QualityOption, QualitySet } from "../../../recipes/quality.ts";
import { defineExperiment, type Experiment } from "../../experiments/experiment.ts";
import { chosenMeasure } from "../../experiments/run_cell.ts";

/** Name of the row that has all options that help. */
export const bestName = "best";

/** What is compared. */
export interface QualityPlan {
  /** Minutes of the runs, in rising order. */
  readonly minutes: readonly number[];
  /** Number of seeds. */
  readonly seeds: number;
  /** Names of the options that are rows; may have {@linkcode bestName}. */
  readonly names: readonly string[];
  /** Names of the options that make up the best combination; undefined where it is no row. */
  readonly best?: readonly string[] | undefined;
  /** Whether a third of the train parts is measured on, instead of the test parts. */
  readonly validation: boolean;
}

/** Name of the row of an option and a number of minutes. */
export function rowName(option: string, minutes: number): string {
  return `${option}_${String(minutes).replace(".", "_")}`;
}

/** Measures whose mean is the accuracy of a row by one metric, as features are or by the chosen readout. */
export function accuracies(
  { tasks }: Pick<QualitySet, "tasks">,
  metric: "knn" | "logistic",
  readout: "as_is" | "chosen" = "as_is",
): string[] {
  const measures = tasks.map((task) => `${metric} ${task}`);
  return readout === "chosen" ? measures.map(chosenMeasure) : measures;
}

/** Measures whose mean the options are judged by: both metrics, as features are. */
export function scored(set: Pick<QualitySet, "tasks">): string[] {
  return [...accuracies(set, "knn"), ...accuracies(set, "logistic")];
}

/** The rows of a plan as an experiment. */
export function qualityExperiment(set: QualitySet, plan: QualityPlan): Experiment {
  const { minutes, seeds, names, validation } = plan;
  const rows = optionsOf(set, plan).filter(({ name }) => names.includes(name));
  return defineExperiment({
    name: "bench_quality",
    title: "Quality at equal minutes",
    paper: "not in the paper",
    description: "Options that save computing, each in runs of the same minutes.",
    rows: minutes.flatMap((minutes) =>
      rows.map(({ name, title, recipe }) => ({
        name: rowName(name, minutes),
        title: `${title}, ${minutes} minutes`,
        recipe: { ...recipe(set.base), budget: { minutes } },
      }))
    ),
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    tasks: set.tasks,
    ...set.limit !== undefined && { limit: set.limit },
    readout: "chosen",
    validation,
    ownFeatures: true,
    needs: set.needs,
    columns: [{ title: "accuracy", measures: scored(set) }],
    claims: [],
  });
}

/** All options, and the best combination as the last of them. */
export function optionsOf(
  { options, baseName }: QualitySet,
  { best }: Pick<QualityPlan, "best">,
): readonly QualityOption[] {
  if (best === undefined) return options;
  const joined = options.filter(({ name }) => best.includes(name));
  return [...options, {
    name: bestName,
    title: `best combination (${joined.map(({ name }) => name).join(", ") || "the base"})`,
    over: baseName,
    recipe: (base) => joined.reduce((recipe, option) => option.recipe(recipe), base),
  }];
}
