/** What the command line of `evaluate` requests to measure, and where results go. */
import type { EvaluateModelsOptions } from "../../evaluation/evaluate_models.ts";
import type { ModelSpec } from "../../evaluation/models/open_model.ts";
import { runModels } from "../../evaluation/evaluate_run.ts";
import type { FeatureKind } from "../../evaluation/features/pooled.ts";
import type { Recipe } from "../../recipe/options.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { recipeWithAllTeachers } from "../../runs/stage_states.ts";
import { suiteDefaults, suiteModels, suiteTasks } from "../../evaluation/suite.ts";
import {
  type DenseMetric,
  denseMetrics,
  type EvaluationMetric,
  evaluationMetrics,
} from "../../metrics/comparison/evaluation_metric.ts";
import { readShard, type Shard } from "../../io/shard.ts";
import type { DecodeOptions } from "../../images/codec/decode_options.ts";
import { type decodeOptions, readDecodeOptions } from "../decode_options.ts";
import { type checkpointOptions, checkpointSpecs } from "../checkpoint_options.ts";
import { readReadoutOption } from "../readout_option.ts";
import { type OptionValues, UsageError } from "../command.ts";

/** Options of the command that choose what is measured. */
export interface EvaluateOptions
  extends OptionValues<typeof checkpointOptions>, OptionValues<typeof decodeOptions> {
  readonly suite: boolean;
  readonly data: readonly string[];
  readonly split: readonly string[];
  readonly metric: readonly string[];
  readonly k: readonly string[];
  readonly readout: string | undefined;
  readonly feature: string | undefined;
  readonly canvas: number | undefined;
  readonly limit: number | undefined;
  readonly seed: number | undefined;
  readonly costs: string | undefined;
  readonly rejection: number | undefined;
  readonly out: string | undefined;
  readonly fresh: boolean;
  readonly shard: string | undefined;
}

/** An evaluation that several processes share. */
export interface SharedEvaluation {
  /** The part of this process. */
  readonly shard: Shard;
  /** The file of measurements, beside which those of the parts lie. */
  readonly measured: string;
  /** What all parts are given alike. */
  readonly digested: unknown;
}

/** Models and tasks to measure, and where results go. */
export interface EvaluationRequest {
  readonly models: readonly ModelSpec[];
  readonly tasks: readonly string[];
  /** Described tasks whose images are not there. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
  readonly measure: EvaluateModelsOptions;
  /** Results are written there. */
  readonly folder: string | undefined;
  /** The run that is compared with its teachers: its folder is `folder`, unless `--out` names another. */
  readonly run: string | undefined;
  /** How it is shared. Default: this process measures everything. */
  readonly shared: SharedEvaluation | undefined;
}

/** Side at which all models see the images, unless a run's recipe has another. */
const defaultCanvas = 64;

/**
 * Completes the options by the first run's recipe, or by what the suite measures.
 *
 * @throws {UsageError} where neither names anything to measure, or a value cannot be used.
 */
export async function readRequest(
  positionals: readonly string[],
  options: EvaluateOptions,
): Promise<EvaluationRequest> {
  const names = positionals.map((name) => name.replace(/[/\\]+$/, ""));
  const first = await firstRun(names);
  const run = options.suite || names.length === 1 ? first : undefined;
  const { present, absent } = options.suite && options.data.length === 0
    ? await suiteTasks()
    : { present: options.data, absent: [] };
  const tasks = present.length > 0 ? present : first?.recipe.evaluation.tasks ?? [];
  if (names.length === 0 && !options.suite) {
    throw mistake("no MODEL", "at least one, such as resnet56_cifar10, or --suite");
  }
  if (tasks.length === 0) throw mistake("no --data", "at least one set, such as --data digits");
  const others = names.filter((name) => name !== run?.folder);
  const requested = checkpointSpecs(run !== undefined ? others : names, options);
  const models = run !== undefined
    ? withSpecs(runModels(run.folder, run.recipe, others), requested)
    : names.length > 0
    ? requested
    : suiteModels.map((source) => ({ source }));
  const folder = options.out ?? run?.folder ?? (options.suite ? "runs/suite" : undefined);
  const measure = {
    ...measureOptions(options, options.suite ? suiteDefaults : choicesOf(first?.recipe)),
    ...decodingOf(options, first?.recipe),
    readout: options.readout === undefined
      ? first?.recipe.evaluation.readout
      : await readReadoutOption(options.readout),
    canvas: options.canvas === undefined
      ? first?.recipe.images.canvas ?? defaultCanvas
      : wholeNumber("canvas", options.canvas, 1),
    split: splitOf(options),
  };
  const measured = folder === undefined || options.fresh ? undefined : `${folder}/measured.jsonl`;
  return {
    models,
    tasks,
    absent,
    measure: { ...measure, resume: measured },
    folder,
    run: run?.folder,
    shared: options.shard === undefined
      ? undefined
      : sharedBy(options.shard, measured, [models, tasks, measure]),
  };
}

function sharedBy(text: string, measured: string | undefined, digested: unknown): SharedEvaluation {
  const shard = readShard(text);
  if (measured !== undefined) return { shard, measured, digested };
  throw mistake(
    `--shard ${text} with --fresh, or without a folder that keeps what the parts measure`,
    "--shard without --fresh, and a run alone, --suite or --out FOLDER",
  );
}

/** The models, each that was requested as it was requested. */
function withSpecs(models: readonly ModelSpec[], requested: readonly ModelSpec[]): ModelSpec[] {
  return models.map((model) =>
    model.name === undefined && requested.find(({ source }) => source === model.source) || model
  );
}

/** The first run among the models: its recipe's choices are the defaults. */
async function firstRun(names: readonly string[]) {
  for (const folder of names) {
    const { recipe } = runPaths(folder);
    if (!await Deno.stat(recipe).then(() => true, () => false)) continue;
    return { folder, recipe: await recipeWithAllTeachers(folder) };
  }
  return undefined;
}

/** How images are decoded: as the run's were, unless an option says otherwise. */
function decodingOf(options: EvaluateOptions, recipe: Recipe | undefined): DecodeOptions {
  const { background, maximumPixels } = readDecodeOptions(options);
  return {
    background: background ?? recipe?.images.background,
    maximumPixels: maximumPixels ?? recipe?.images.maximumPixels,
  };
}

function choicesOf(recipe: Recipe | undefined): Partial<EvaluateModelsOptions> {
  if (recipe === undefined) return {};
  const { feature, k, metrics } = recipe.evaluation;
  return { feature, k, metrics: [...metrics, ...denseMetrics] };
}

/** Each option, or its default. */
function measureOptions(
  options: EvaluateOptions,
  defaults: Partial<EvaluateModelsOptions>,
): Omit<EvaluateModelsOptions, "canvas" | "resume" | "readout" | keyof DecodeOptions> {
  const { metric, k, feature, limit, seed, costs } = options;
  return {
    metrics: metric.length === 0 ? defaults.metrics : metric.map(metricOf),
    k: k.length === 0 ? defaults.k : k.map((text) => wholeNumber("k", Number(text), 1)),
    feature: feature === undefined ? defaults.feature : featureOf(feature),
    limit: limit === undefined ? defaults.limit : wholeNumber("limit", limit, 1),
    seed: seed === undefined ? undefined : wholeNumber("seed", seed, 0),
    costs,
    rejection: rejectionOf(options),
  };
}

/** Parts to learn from and to measure on. */
function splitOf({ split, data }: EvaluateOptions): readonly string[] | undefined {
  if (split.length === 0) return undefined;
  if (split.length <= 2 && data.length === 1 && !data[0]!.endsWith(".json")) return split;
  throw mistake(
    `--split ${split.join()} for ${data.length === 0 ? "no --data" : data.join()}`,
    "--split TRAIN,TEST or --split NAME, and one folder or zip with --data",
  );
}

function rejectionOf({ rejection, costs }: EvaluateOptions): number | undefined {
  if (rejection === undefined || costs !== undefined && Number.isFinite(rejection)) {
    return rejection;
  }
  throw mistake(
    `--rejection ${rejection}${costs === undefined ? " without --costs" : ""}`,
    "a number, beside the costs of errors in the same unit",
  );
}

function wholeNumber(name: string, value: number, lowest: number): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  throw mistake(`--${name} ${value}`, `a whole number of at least ${lowest}`);
}

function featureOf(name: string): FeatureKind {
  if (name === "cls" || name === "patch" || name === "cls+patch") return name;
  throw mistake(`--feature ${name}`, "cls, patch or cls+patch");
}

function metricOf(name: string): EvaluationMetric | DenseMetric {
  const all = [...evaluationMetrics, ...denseMetrics];
  const metric = all.find((metric) => metric === name);
  if (metric !== undefined) return metric;
  throw mistake(`--metric ${name}`, `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`);
}

function mistake(present: string, expected: string): UsageError {
  return new UsageError(`Found ${present}, expected ${expected}`);
}
