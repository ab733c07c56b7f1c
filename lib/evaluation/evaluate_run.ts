/** A finished run beside everything that it must be compared with. */
import { denseMetrics } from "../metrics/comparison/evaluation_metric.ts";
import { UserError } from "../errors/user_error.ts";
import { evaluateModels, type EvaluateModelsOptions } from "./evaluate_models.ts";
import { isRun } from "./readout/read_model.ts";
import type { ModelSpec } from "./models/open_model.ts";
import { type Evaluation, writeEvaluation } from "./results.ts";
import type { Recipe } from "../recipe/options.ts";
import { formatModelName, parseCheckpointSource } from "../teachers/model_name.ts";
import { writeReadout } from "../runs/readout_file.ts";
import { recipeWithAllTeachers } from "../runs/stage_states.ts";
import type { FittedReadout } from "../teachers/readout/readout.ts";

/** Options of {@linkcode evaluateRun}; canvas, feature, k, metrics and readout default to the recipe's. */
export interface EvaluateRunOptions extends Partial<Omit<EvaluateModelsOptions, "shard">> {
  /** Names or paths of tasks. Default: the recipe's. */
  readonly tasks?: readonly string[] | undefined;
  /** More models, beside the run's teachers. Default: none. */
  readonly others?: readonly string[] | undefined;
}

/**
 * The models that a run is measured with: its student, its teachers as the run used them, other models, a
 * student that was never trained, and pixels.
 *
 * @param others names that {@linkcode openModel} knows; those of the run's own models are left out.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { runModels } from "./evaluate_run.ts";
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
  const included = new Set([...teachers.map(({ source }) => source), "pixels", `random:${folder}`]);
  return [
    { source: folder, name: "student" },
    ...teachers,
    ...others.filter((source) => !included.has(source)).map((source) => ({ source })),
    { source: `random:${folder}`, name: "random" },
    { source: "pixels", name: "pixels" },
  ];
}

/** A teacher as the run used it: from its checkpoint, at its input size, under its name. */
export function teacherModel(
  { name, checkpoint, inputSize, ...reading }: Recipe["teachers"][number],
): ModelSpec {
  const file = checkpoint === undefined ? undefined : parseCheckpointSource(checkpoint);
  const source = file === undefined
    ? formatModelName({ kind: "teacher", name: checkpoint ?? name, inputSize })
    : formatModelName({ kind: "checkpoint", ...file, inputSize });
  return { source, name, ...reading };
}

/** Stores a readout with the student that it is of, where that is of a run; `features` and `export` find it. */
export async function storeReadout(source: string, readout: FittedReadout): Promise<void> {
  if (await isRun(source)) await writeReadout(source, readout);
}

/**
 * Measures the student of a run, each of its teachers as the run used them, a student that was never
 * trained, and pixels, by the recipe's `evaluation`. Writes `evaluation.json` to the run and, where a readout
 * is chosen for the student, `readout.json`.
 *
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
  const recipe = await recipeWithAllTeachers(folder);
  const { canvas = recipe.images.canvas, tasks = recipe.evaluation.tasks, others } = options;
  const { feature = recipe.evaluation.feature, k = recipe.evaluation.k } = options;
  const { background, maximumPixels } = { ...recipe.images, ...options };
  const { readout = recipe.evaluation.readout, onReadout = storeReadout } = options;
  const { metrics = [...recipe.evaluation.metrics, ...denseMetrics] } = options;
  if (tasks.length === 0) {
    throw new UserError(
      `Cannot evaluate "${folder}": its recipe names no tasks. Give some with --data, such as ` +
        "--data digits.",
    );
  }
  const models = runModels(folder, recipe, others);
  const evaluation = await evaluateModels(models, tasks, {
    ...options,
    ...{ canvas, background, maximumPixels, feature, k, metrics, readout, onReadout },
  });
  await writeEvaluation(folder, evaluation);
  return evaluation;
}
