/** What models know, how alike they are, and what they know together. */
import { ckaMatrix } from "../../metrics/representation/cka_matrix.ts";
import { complementarity } from "../../metrics/representation/complementarity.ts";
import { jointAccuracy, type TaskFeatures } from "../../metrics/representation/joint_accuracy.ts";
import { UserError } from "../../errors/user_error.ts";
import { analyseModel, type ModelAnalysis } from "./analyse_model.ts";
import { type Analysis, type PairMatrix, writeAnalysis } from "./analysis.ts";
import { type Model, openModel } from "../models/open_model.ts";
import type { ModelSpec } from "../evaluate_models.ts";
import { openEvaluationTask } from "../tasks/classification_task.ts";
import type { FeatureKind } from "../features/pooled.ts";
import { runModels } from "../evaluate_run.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { plugAndPlay, type PlugAndPlayRow } from "./plug_and_play.ts";
import { runPaths } from "../../runs/run_folder.ts";

/** Options of {@linkcode analyseModels}. */
export interface AnalyseOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** At most so many train and so many test images, spread over the classes. Default 500. */
  readonly limit?: number;
  /** Default "cls". */
  readonly feature?: FeatureKind;
  /** Neighbours. Default 20. */
  readonly k?: number;
  /** Percentages of weights that are left out, rising, above 0. Default 30, 50, 70, 90; none for none. */
  readonly pruned?: readonly number[];
  /** Draws the test images where the set has no test part. Default 0. */
  readonly seed?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
  /** A run whose student takes the place of its teachers, too. Default: none. */
  readonly run?: string;
  /** Told of images done, by model and by what they are for. */
  readonly onProgress?: (model: string, part: string, done: number, total: number) => void;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** Features, layers and curves of a model, and what it is to the comparison. */
type Found = ModelAnalysis & { readonly name: string; readonly role: Model["role"] };

/**
 * Analyses models on a task, one model in memory at a time:
 * - how alike their layers are (CKA), every block of a student among them,
 * - accuracy with few principal components, and without the smallest weights,
 * - how many directions features vary in,
 * - whose errors overlap, and what each model's features add to another's.
 *
 * @param task a name or path, as in {@linkcode openEvaluationTask}.
 * @throws {UserError} where a model or the task cannot be read, or no model is given.
 *
 * @example
 * ```ts
 * import { analyseModels, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const choices = [{ source: "resnet20_cifar10" }, { source: "random" }];
 * const { errors } = await analyseModels(choices, "digits", { canvas: 32, limit: 40, pruned: [] });
 * if (errors.union < errors.accuracy[0]!) throw new Error("Two know no less than one");
 * ```
 */
export async function analyseModels(
  choices: readonly ModelSpec[],
  task: string,
  options: AnalyseOptions,
): Promise<Analysis> {
  const { feature = "cls", k = 20, pruned = [30, 50, 70, 90], run, onProgress } = options;
  const { now = () => performance.now() } = options;
  if (choices.length === 0) {
    throw new UserError("Cannot analyse: found no model, expected at least one. Name a model");
  }
  const begun = now();
  const { canvas, limit = 500, seed, cache } = options;
  const opened = await openEvaluationTask(task, {
    canvas,
    limit,
    ...(seed === undefined ? {} : { seed }),
    ...(cache === undefined ? {} : { cache }),
  });
  try {
    const models: Found[] = [];
    for (const { source, ...named } of choices) {
      const { name, role, backbone } = await openModel(source, named);
      try {
        const found = await analyseModel(backbone, opened, {
          ...{ feature, k, pruned, blocks: role === "student" },
          onProgress: (part, done, total) => onProgress?.(name, part, done, total),
        });
        models.push({ name, role, ...found });
      } finally {
        backbone.dispose();
      }
    }
    const plugged = run === undefined ? [] : await plugAndPlay(run, opened.test, {
      onProgress: (teacher, done, total) => onProgress?.(teacher, "classifier", done, total),
    });
    const sizes = { train: opened.train.count, test: opened.test.count };
    const analysis = await together(models, { plugAndPlay: plugged, k });
    return {
      ...{ task: opened.name, images: sizes, feature, k },
      ...analysis,
      seconds: (now() - begun) / 1000,
    };
  } finally {
    opened.close();
  }
}

/** What the models of a task are beside one another. */
async function together(
  models: readonly Found[],
  { plugAndPlay, k }: { readonly plugAndPlay: readonly PlugAndPlayRow[]; readonly k: number },
): Promise<Omit<Analysis, "task" | "images" | "feature" | "k" | "seconds">> {
  const layers = models.flatMap(({ name: model, layers }) =>
    layers.map((layer) => ({ model, ...layer }))
  );
  const labels = models[0]?.features.test.labels ?? [];
  const errors = complementarity(models.map(({ predictions }) => predictions), labels);
  const { pair, gain } = await jointAccuracy(models.map(({ features }) => features), { k });
  const teachers = models.filter(({ role }) => role === "teacher");
  return {
    models: models.map(({ name, role }) => [name, role] as const),
    alignment: {
      layers: layers.map(({ model, layer }) => ({ model, layer })),
      values: withoutNaN(await ckaMatrix(layers)),
    },
    components: models.map(({ name: model, components }) => ({ model, ...components })),
    pruning: models.flatMap(({ name: model, pruning }) => pruning ? [{ model, ...pruning }] : []),
    spectra: models.map(({ name: model, spectrum }) => ({ model, ...spectrum })),
    errors: {
      ...errors,
      errorOverlap: withoutNaN(errors.errorOverlap),
    },
    joint: { pair, gain },
    teachersTogether: await sideBySide(teachers, k),
    plugAndPlay,
  };
}

async function sideBySide(
  teachers: readonly { readonly name: string; readonly features: TaskFeatures }[],
  k: number,
): Promise<Analysis["teachersTogether"]> {
  if (teachers.length === 0) return null;
  const { all, without } = await jointAccuracy(teachers.map(({ features }) => features), { k });
  return { teachers: teachers.map(({ name }) => name), all, without };
}

/** JSON knows no NaN. */
function withoutNaN(matrix: readonly (readonly number[])[]): PairMatrix {
  return matrix.map((row) => row.map((value) => Number.isNaN(value) ? null : value));
}

/**
 * Analyses the student of a run beside its teachers as the run used them and a student that was never
 * trained, and lets it answer in its teachers' place. Writes `analysis.json` to the run.
 *
 * @param task a name or path; default, the first of the recipe's.
 * @param options the rest as in {@linkcode analyseModels}; canvas, feature and k default to the recipe's.
 * @throws {UserError} where the run has no student yet, or neither it nor the caller names a task.
 *
 * @example
 * ```ts ignore
 * const { spectra } = await analyseRun("runs/demo", "digits");
 * for (const { model, effectiveRank } of spectra) console.log(model, effectiveRank);
 * ```
 */
export async function analyseRun(
  folder: string,
  task?: string,
  options: Partial<Omit<AnalyseOptions, "run">> = {},
): Promise<Analysis> {
  const recipe = await loadRecipe(runPaths(folder).recipe);
  const chosen = task ?? recipe.evaluation.tasks[0];
  if (chosen === undefined) {
    throw new UserError(
      `Cannot analyse "${folder}": its recipe names no tasks. Give one, such as "digits".`,
    );
  }
  const choices = runModels(folder, recipe).filter(({ source }) => source !== "pixels");
  const { feature } = recipe.evaluation;
  const [k = 20] = [recipe.evaluation.k].flat();
  const { canvas } = recipe.images;
  const analysis = await analyseModels(choices, chosen, {
    ...{ canvas, feature, k, run: folder },
    ...options,
  });
  await writeAnalysis(folder, analysis);
  return analysis;
}
