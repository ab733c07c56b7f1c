/** What an update is worth beside a run from scratch: two kinds of images first, a third one later. */
import { processorName } from "../../cli/recording.ts";
import { evaluateModels } from "../../evaluation/evaluate_models.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { RecipeInput } from "../../recipe/input.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { readRunResult } from "../../runs/run_result.ts";
import { distill } from "../../training/distill.ts";
import { measureUpdate } from "../../training/proposal/measure_update.ts";
import {
  defaultRehearsal,
  updateBatchSize,
  updateRecipe,
  updateViews,
} from "../../training/proposal/update_recipe.ts";

/** How much is trained and measured. */
export interface UpdateBenchSetting {
  /** Images of each kind. */
  readonly images: number;
  /** Updates of the old run, of the run from scratch on all images, and of the update. */
  readonly oldSteps: number;
  readonly scratchSteps: number;
  readonly updateSteps: number;
  /** Percent of a pass of the update that are old images. */
  readonly rehearsePercent: number;
  /** Views of each image in the update. */
  readonly views: number;
  /** Learning rate of the update, in percent of the old run's. */
  readonly learningRatePercent: number;
  /** Images of a batch of the update. */
  readonly updateBatch: number;
  readonly seeds: number;
  /** Train and test images of each task, at most. */
  readonly limit: number;
}

const oldLearningRate = 2e-3, oldBatch = 64;

/** An update of a fifth of the time from scratch, measured on whole tasks. */
export const updateSetting: UpdateBenchSetting = {
  images: 600,
  oldSteps: 300,
  scratchSteps: 400,
  updateSteps: 168,
  rehearsePercent: 100 * defaultRehearsal,
  views: updateViews,
  learningRatePercent: 100,
  updateBatch: updateBatchSize({ batchSize: oldBatch }),
  seeds: 3,
  limit: 100_000,
};

const oldKinds = ["digits", "land_use"], newKind = "chest_xray";

/** The three students. */
export const updateModels = ["old", "update", "scratch"] as const;

/** Outcome of {@linkcode benchUpdate}. */
export interface UpdateBench {
  readonly setting: UpdateBenchSetting;
  readonly oldTasks: readonly string[];
  readonly newTask: string;
  readonly rows: readonly {
    readonly seed: number;
    readonly model: typeof updateModels[number];
    readonly task: string;
    readonly metric: string;
    /** Percent. */
    readonly value: number;
  }[];
  /** Seconds of training, by seed. */
  readonly seconds: readonly Readonly<Record<typeof updateModels[number], number>>[];
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/**
 * Trains all three for each seed; runs that are finished are kept.
 *
 * @param options runs: folder of the runs; validate: measures on a part of the train images, by which the setting is
 * chosen
 */
export async function benchUpdate(
  setting: UpdateBenchSetting,
  { runs, validate = false, onProgress = () => {} }: {
    readonly runs: string;
    readonly validate?: boolean;
    readonly onProgress?: (line: string) => void;
  },
): Promise<UpdateBench> {
  const rows: UpdateBench["rows"][number][] = [];
  const seconds: UpdateBench["seconds"][number][] = [];
  for (let seed = 0; seed < setting.seeds; seed++) {
    const { images, oldSteps, scratchSteps } = setting;
    // Whatever a run follows from is in its name: a finished one is taken for no other.
    const folders = {
      old: `${runs}/old_${images}_${oldSteps}_${seed}`,
      update: `${runs}/update_${images}_${oldSteps}_${updateName(setting)}_${seed}`,
      scratch: `${runs}/scratch_${images}_${scratchSteps}_${seed}`,
    };
    const scratch = recipeOf("scratch", [...oldKinds, newKind], scratchSteps, { seed, images });
    const old = recipeOf("old", oldKinds, oldSteps, { seed, images });
    await finish(old, folders.old, onProgress);
    await finish(await updateOf(folders.old, setting), folders.update, onProgress);
    await finish(scratch, folders.scratch, onProgress);
    const took = async (folder: string) => (await readRunResult(folder)).seconds ?? NaN;
    seconds.push({
      old: await took(folders.old),
      update: await took(folders.update),
      scratch: await took(folders.scratch),
    });
    const models = updateModels.map((name) => ({ source: folders[name], name }));
    onProgress(`seed ${seed}: measuring`);
    const evaluation = await evaluateModels(models, [...oldKinds, newKind], {
      ...{ canvas: 32, metrics: ["knn", "logistic"], limit: setting.limit, validation: validate },
    });
    for (const { model, task, metric, value } of evaluation.rows) {
      const name = updateModels.find((one) => one === model);
      if (name !== undefined) rows.push({ seed, model: name, task, metric, value });
    }
  }
  const machine = { cpu: processorName(), cores: navigator.hardwareConcurrency };
  return { setting, oldTasks: oldKinds, newTask: newKind, rows, seconds, machine };
}

/** The settings of the demo, with half the width. */
function recipeOf(
  name: string,
  kinds: readonly string[],
  steps: number,
  { seed, images }: { readonly seed: number; readonly images: number },
): RecipeInput {
  return {
    ...{ name, seed },
    images: {
      sources: kinds.map((kind) => ({
        ...{ path: `data/images/${kind}.zip`, split: "train", limit: images },
      })),
      ...{ size: 32, views: 4 },
      augmentation: {
        ...{ scale: [0.5, 1], flip: false, grey: false, blur: false, solarize: false },
        jitter: { brightness: 0.3, contrast: 0.3, saturation: 0.1, hue: 0.02 },
      },
    },
    teachers: [...oldKinds, newKind].map((kind) => `specialist_${kind}`),
    student: {
      ...{ width: 96, depth: 4, heads: 3, patchSize: 8, dropPath: 0 },
      ...{ stem: "convolution", initialization: "scaled" },
    },
    ladder: { blocks: [1, 3], lastHidden: 192 },
    featureCache: true,
    optimization: { batchSize: oldBatch, steps, learningRate: oldLearningRate },
    mode: "graph",
    checkpoint: { every: 1000 },
  };
}

/** What is tried of an update, which has a run of its own. */
function updateName(setting: UpdateBenchSetting): string {
  const { rehearsePercent, updateSteps, views, learningRatePercent, updateBatch } = setting;
  return [rehearsePercent, updateSteps, views, learningRatePercent, updateBatch].join("_");
}

async function updateOf(
  run: string,
  { images, rehearsePercent, updateSteps, views, learningRatePercent, updateBatch }:
    UpdateBenchSetting,
): Promise<RecipeInput> {
  const path = `data/images/${newKind}.zip`;
  const facts = await measureUpdate({ run, images: [path] });
  const request = { run, images: [path], rehearse: rehearsePercent / 100, evaluate: [] };
  const { recipe, rehearsed } = updateRecipe(
    { ...request, minutes: 1 },
    { ...facts, counts: { ...facts.counts, new: images } },
  );
  const { budget: _, ...rest } = recipe;
  const learningRate = learningRatePercent / 100 * oldLearningRate;
  return {
    ...rest,
    images: {
      ...recipe.images,
      ...{ sources: [{ run, images: rehearsed }, { path, split: "train", limit: images }], views },
    },
    optimization: {
      ...recipe.optimization,
      ...{ batchSize: updateBatch, steps: updateSteps, learningRate },
    },
  };
}

/** Runs a recipe to its end, unless it has ended already. */
async function finish(
  input: RecipeInput,
  folder: string,
  onProgress: (line: string) => void,
): Promise<void> {
  if (await Deno.stat(runPaths(folder).result).then(() => true, () => false)) return;
  onProgress(`${folder}: training`);
  const resume = await Deno.stat(runPaths(folder).recipe).then(() => true, () => false);
  const steps = distill(defineRecipe(input), { folder, resume });
  for (let next = await steps.next(); !next.done;) next = await steps.next();
}
