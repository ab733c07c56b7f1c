/** The question that `verdict` is asked, checked before anything is trained. */
import { checkEvaluation } from "../../evaluation/check_evaluation.ts";
import { locateTask } from "../../evaluation/tasks/open_task.ts";
import { suggestion } from "../../errors/did_you_mean.ts";
import { budgetOf, budgetText, isSameBudget } from "../../experiments/budget_of.ts";
import { verdictMetrics, type VerdictQuestion } from "../../experiments/verdict.ts";
import { checkOutputFolder, checkOutside } from "../../io/output_path.ts";
import { recipeDigest } from "../../recipe/fingerprint.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { checkTraining } from "../../training/check_training.ts";
import { type OptionValues, UsageError } from "../command.ts";
import { measuredRecipe } from "./run_recipe.ts";

/** Options of the command. */
export const verdictOptions = {
  baseline: {
    type: "list",
    value: "RECIPE",
    summary: "what it is judged against; may be repeated",
  },
  threshold: {
    type: "number",
    value: "POINTS",
    summary: "gain in the mean over tasks that it must have, in points; needed, such as 1",
  },
  seeds: {
    type: "number",
    value: "N",
    summary: "each recipe is trained with the seeds 0 to N - 1; default 3",
  },
  data: {
    type: "list",
    value: "TASK",
    summary: "labelled image sets; default those of the recipe",
  },
  metric: {
    type: "text",
    value: "NAME",
    summary: `${verdictMetrics.join(", ")}; default the recipe's first of these`,
  },
  "any-budget": { type: "flag", summary: "accepts recipes that may not train for equally long" },
  set: {
    type: "list",
    value: "KEY=VALUE",
    summary: "replaces an option of every recipe",
    commas: "kept",
  },
  out: {
    type: "text",
    value: "FOLDER",
    summary: "runs and verdict.json; default runs/verdict_NAME",
  },
} as const;

/** What was asked, and where the answer goes. */
export interface VerdictRequest {
  readonly question: VerdictQuestion;
  readonly folder: string;
}

/**
 * Reads recipes and options.
 *
 * @throws {UserError} for everything that the work would stumble over: no threshold, no tasks, other budgets
 */
export async function readVerdict(
  path: string,
  options: OptionValues<typeof verdictOptions>,
): Promise<VerdictRequest> {
  const { baseline, seeds = 3, threshold, set } = options;
  if (threshold === undefined || !Number.isFinite(threshold)) {
    throw new UsageError(
      `Found ${
        threshold === undefined ? "no --threshold" : `--threshold ${threshold}`
      }, expected the gain ` +
        "in points that makes it worth while, such as --threshold 1: a threshold that is chosen afterwards " +
        "decides nothing",
    );
  }
  if (baseline.length === 0) {
    throw new UsageError("Found no --baseline, expected a recipe at least to judge it against");
  }
  if (!Number.isSafeInteger(seeds) || seeds < 2) {
    throw new UsageError(
      `Found --seeds ${seeds}, expected a whole number of at least 2: one says nothing of chance`,
    );
  }
  const recipes: Recipe[] = [];
  for (const one of [path, ...baseline]) recipes.push(await loadRecipe(one, set));
  checkDifferent(recipes);
  if (!options["any-budget"]) checkBudgets(recipes);
  const measured = measuredRecipe(recipes[0]!, "runs"), { evaluation } = measured;
  const tasks = options.data.length > 0 ? options.data : evaluation.tasks;
  const metric = metricOf(options.metric, evaluation.metrics);
  await checkTasks(tasks, recipes[0]!.name);
  await checkEvaluation({ tasks, metrics: [metric], canvas: measured.images.canvas });
  for (const recipe of recipes) await checkTraining(recipe);
  const folder = options.out ?? `runs/verdict_${recipes[0]!.name}`;
  await checkOutputFolder(folder, "--out");
  await checkOutside({ path: folder, option: "--out" }, recipes.flatMap(imagePaths));
  const all = Array.from({ length: seeds }, (_, seed) => seed);
  return { question: { recipes, seeds: all, tasks, metric, threshold }, folder };
}

function checkDifferent(recipes: readonly Recipe[]): void {
  for (const [i, recipe] of recipes.entries()) {
    for (const other of recipes.slice(0, i)) {
      if (other.name === recipe.name) {
        throw new UsageError(
          `Found two recipes of the name "${recipe.name}", expected different ones, by which the ` +
            "verdict tells them apart. Change the name in one of them",
        );
      }
      if (recipeDigest({ ...other, seed: 0 }) !== recipeDigest({ ...recipe, seed: 0 })) continue;
      throw new UsageError(
        `Found "${other.name}" and "${recipe.name}" to be the same recipe but for what cannot change a ` +
          "student, expected different ones",
      );
    }
  }
}

/** Equal budgets, in the unit in which they are given. */
function checkBudgets([candidate, ...baselines]: readonly Recipe[]): void {
  const own = budgetOf(candidate!);
  for (const baseline of baselines) {
    const other = budgetOf(baseline);
    if (isSameBudget(own, other)) continue;
    throw new UsageError(
      `Found different budgets: "${candidate!.name}" trains for ${
        budgetText(own)
      }, "${baseline.name}" for ` +
        `${
          budgetText(other)
        }, over all stages. Expected the same; give both budget.minutes, or accept it ` +
        "with --any-budget",
    );
  }
}

function metricOf(
  name: string | undefined,
  ofRecipe: readonly string[],
): VerdictQuestion["metric"] {
  const metric = name ?? ofRecipe.find((one) => verdictMetrics.some((known) => known === one)) ??
    verdictMetrics[0];
  const found = verdictMetrics.find((known) => known === metric);
  if (found !== undefined) return found;
  throw new UsageError(
    `Found --metric ${metric}, expected one of ${verdictMetrics.join(", ")}. ` +
      suggestion(metric, verdictMetrics),
  );
}

async function checkTasks(tasks: readonly string[], recipe: string): Promise<void> {
  if (tasks.length === 0) {
    throw new UsageError(
      `Found no tasks: "${recipe}" has none under evaluation.tasks, expected labelled image sets to ` +
        "measure on. Name them with --data, such as --data digits",
    );
  }
  const repeated = tasks.find((task, i) => tasks.indexOf(task) !== i);
  if (repeated !== undefined) {
    throw new UsageError(`Found the task ${repeated} twice, expected each once`);
  }
  for (const task of tasks) {
    if (await locateTask(task) === "classification") continue;
    throw new UsageError(
      `Found the task ${task}, which is measured pixel by pixel, expected tasks of whole images, whose ` +
        "accuracies have a mean. Name those with --data",
    );
  }
}

function imagePaths(recipe: Recipe): string[] {
  return [recipe, ...recipe.stages ?? []].flatMap(({ images }) => images?.sources ?? [])
    .flatMap((source) => "path" in source ? [source.path] : []);
}
