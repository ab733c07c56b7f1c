/** A finished run against everything that it must be compared with. */
import { denseMetrics } from "../metrics/comparison/evaluation_metric.ts";
import { UserError } from "../errors/user_error.ts";
import { evaluateModels, type EvaluateModelsOptions, type ModelSpec } from "./evaluate_models.ts";
import { type Evaluation, writeEvaluation } from "./results.ts";
import { loadRecipe } from "../recipe/load.ts";
import type { Recipe } from "../recipe/options.ts";
import { runPaths } from "../runs/run_folder.ts";

/** Options of {@linkcode evaluateRun}. */
export type EvaluateRunOptions = Partial<EvaluateModelsOptions> & {
  /** Names or paths of tasks. Default: the recipe's. */
  readonly tasks?: readonly string[];
  /** More models, beside the run's teachers. Default: none. */
  readonly others?: readonly string[];
};

/**
 * What a run is compared with: its student, its teachers as the run used them, other models, a student
 * that was never trained, and pixels.
 *
 * @param others models that {@linkcode openModel} knows; one that is a teacher already is left out.
 *
 * @example
 * ```ts
 * import { defineRecipe, runModels } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: [{ name: "resnet20_cifar10", inputSize: 48 }],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const [student, teacher] = runModels("runs/digits", recipe);
 * if (student?.source !== "runs/digits") throw new Error("The student comes first");
 * if (teacher?.source !== "resnet20_cifar10@48") throw new Error("As the run used it");
 * ```
 */
export function runModels(
  folder: string,
  recipe: Pick<Recipe, "teachers">,
  others: readonly string[] = [],
): ModelSpec[] {
  const teachers = recipe.teachers.map(teacherModel);
  const known = new Set([...teachers.map(({ source }) => source), "pixels", `random:${folder}`]);
  return [
    { source: folder, name: "student" },
    ...teachers,
    ...others.filter((source) => !known.has(source)).map((source) => ({ source })),
    { source: `random:${folder}` },
    { source: "pixels" },
  ];
}

/** A teacher as the run used it: from its checkpoint, at its input size, under its name. */
function teacherModel(teacher: Recipe["teachers"][number]): ModelSpec {
  const { name, checkpoint = name, inputSize, heads } = teacher;
  return {
    source: inputSize === undefined ? checkpoint : `${checkpoint}@${inputSize}`,
    name,
    ...heads === undefined ? {} : { heads },
  };
}

/**
 * Measures the student of a run, each of its teachers as the run used them, a student that was never
 * trained, and pixels, as the recipe's `evaluation` says. Writes `evaluation.json` to the run.
 *
 * @param options tasks: default, the recipe's; others: more models, beside the teachers; the rest as in
 * {@linkcode evaluateModels}.
 * @throws {UserError} where the run has no student yet, or neither it nor the options name a task.
 *
 * @example
 * ```ts ignore
 * const { rows } = await evaluateRun("runs/demo");
 * console.log(comparisonText(rows));
 * ```
 */
export async function evaluateRun(
  folder: string,
  options: EvaluateRunOptions = {},
): Promise<Evaluation> {
  const recipe = await loadRecipe(runPaths(folder).recipe);
  const { tasks = recipe.evaluation.tasks, others = [], ...given } = options;
  if (tasks.length === 0) {
    throw new UserError(
      `Cannot evaluate "${folder}": its recipe names no tasks. Give some with --data, such as ` +
        "--data digits.",
    );
  }
  const choices = runModels(folder, recipe, others);
  const { feature, k, metrics } = recipe.evaluation;
  const evaluation = await evaluateModels(choices, tasks, {
    canvas: recipe.images.canvas,
    feature,
    k,
    metrics: [...metrics, ...denseMetrics],
    ...given,
  });
  await writeEvaluation(folder, evaluation);
  return evaluation;
}
