/** Analyses of models: what they know, how alike they are, and what they know together. */
import { ckaMatrix } from "../../metrics/representation/cka_matrix.ts";
import { complementarity } from "../../metrics/representation/complementarity.ts";
import { jointAccuracy, type TaskFeatures } from "../../metrics/representation/joint_accuracy.ts";
import { UserError } from "../../errors/user_error.ts";
import { analyseModel, type ModelAnalysis } from "./analyse_model.ts";
import { type Analysis, type PairMatrix, type PlugAndPlayRow, writeAnalysis } from "./analysis.ts";
import { type Model, type ModelSpec, openModel } from "../models/open_model.ts";
import { nameModels } from "../models/name_models.ts";
import { openClassificationTask } from "../tasks/classification_task.ts";
import type { FeatureKind } from "../features/pooled.ts";
import { runModels } from "../evaluate_run.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { plugAndPlay } from "./plug_and_play.ts";
import { runPaths } from "../../runs/run_folder.ts";

/** Options of {@linkcode analyseModels}. */
export interface AnalyseOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** Most train and most test images, spread over the classes. Default: 500. */
  readonly limit?: number | undefined;
  /** Default: "cls". */
  readonly feature?: FeatureKind | undefined;
  /** Neighbours. Default: 20. */
  readonly k?: number | undefined;
  /** Percentages of weights that are left out, rising, above 0. Default: 30, 50, 70, 90. */
  readonly pruned?: readonly number[] | undefined;
  /** Draws the test images where the set has no test part. Default: 0. */
  readonly seed?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string | undefined;
  /** A run whose student takes the place of its teachers, too. Default: none. */
  readonly run?: string | undefined;
  /** Called with images done and of all, by model and by what they are for. */
  readonly onProgress?:
    | ((model: string, part: string, done: number, total: number) => void)
    | undefined;
  /** Clock in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** Features, layers and curves of a model, with its name and its part in the comparison. */
type AnalysedModel = ModelAnalysis & { readonly name: string; readonly role: Model["role"] };

/**
 * Analyses models on a task, one model in memory at a time:
 * - how alike their layers are (CKA), every block of a student among them,
 * - accuracy with few principal components, and without the smallest weights,
 * - how many directions features vary in,
 * - whose errors overlap, and what each model's features add to another's.
 *
 * @param task a name or path, as in {@linkcode openClassificationTask}.
 * @throws {UserError} where a model or the task cannot be read, or no model is given.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { analyseModels } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const models = [{ source: "resnet20_cifar10" }, { source: "random" }];
 * const { errors } = await analyseModels(models, "digits", { canvas: 32, limit: 40, pruned: [] });
 * if (errors.union < errors.accuracy[0]!) throw new Error("Two know no less than one");
 * ```
 */
export async function analyseModels(
  specs: readonly ModelSpec[],
  task: string,
  options: AnalyseOptions,
): Promise<Analysis> {
  const { feature = "cls", k = 20, pruned = [30, 50, 70, 90], run, onProgress } = options;
  const { now = () => performance.now() } = options;
  if (specs.length === 0) {
    throw new UserError("Cannot analyse: found no model, expected at least one. Name a model");
  }
  const begun = now(), named = await nameModels(specs);
  const { canvas, limit = 500, seed, cache } = options;
  const opened = await openClassificationTask(task, { canvas, limit, seed, cache });
  try {
    const models: AnalysedModel[] = [];
    for (const spec of named) {
      const { name, role, backbone } = await openModel(spec.source, spec);
      try {
        const analysis = await analyseModel(backbone, opened, {
          ...{ feature, k, pruned, blocks: role === "student" },
          onProgress: (part, done, total) => onProgress?.(name, part, done, total),
        });
        models.push({ name, role, ...analysis });
      } finally {
        backbone.dispose();
      }
    }
    const plugged = run === undefined ? [] : await plugAndPlay(run, opened.test, {
      onProgress: (teacher, done, total) => onProgress?.(teacher, "classifier", done, total),
    });
    const sizes = { train: opened.train.count, test: opened.test.count };
    const comparison = await compareModels(models, { plugAndPlay: plugged, k });
    return {
      ...{ task: opened.name, images: sizes, feature, k },
      ...comparison,
      seconds: (now() - begun) / 1000,
    };
  } finally {
    opened.close();
  }
}

/** Everything of an analysis that shows the models beside one another. */
async function compareModels(
  models: readonly AnalysedModel[],
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
    teachersTogether: await joinTeachers(teachers, k),
    plugAndPlay,
  };
}

async function joinTeachers(
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
 * @param task a name or path. Default: the first of the recipe's.
 * @param options as in {@linkcode analyseModels}; canvas, feature and k default to the recipe's.
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
  const source = task ?? recipe.evaluation.tasks[0];
  if (source === undefined) {
    throw new UserError(
      `Cannot analyse "${folder}": its recipe names no tasks. Give one, such as "digits".`,
    );
  }
  const models = runModels(folder, recipe).filter(({ source }) => source !== "pixels");
  const { canvas = recipe.images.canvas, feature = recipe.evaluation.feature } = options;
  const { k = [recipe.evaluation.k].flat()[0] } = options;
  const analysis = await analyseModels(models, source, {
    ...options,
    ...{ canvas, feature, k, run: folder },
  });
  await writeAnalysis(folder, analysis);
  return analysis;
}
