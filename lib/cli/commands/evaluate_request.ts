/** What a command line asks `deno task evaluate` to measure. */
import type { EvaluateModelsOptions } from "../../evaluation/evaluate_models.ts";
import type { ModelSpec } from "../../evaluation/models/open_model.ts";
import { runModels } from "../../evaluation/evaluate_run.ts";
import type { FeatureKind } from "../../evaluation/features/pooled.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { suiteDefaults, suiteModels, suiteTasks } from "../../evaluation/suite.ts";
import {
  type DenseMetric,
  denseMetrics,
  type EvaluationMetric,
  evaluationMetrics,
} from "../../metrics/comparison/evaluation_metric.ts";
import { UserError } from "../../errors/user_error.ts";

/** Options of the command, as they were given. */
export interface GivenOptions {
  readonly suite: boolean;
  readonly data: readonly string[];
  readonly metric: readonly string[];
  readonly k: readonly string[];
  readonly feature: string | undefined;
  readonly canvas: number | undefined;
  readonly limit: number | undefined;
  readonly seed: number | undefined;
  readonly costs: string | undefined;
  readonly rejection: number | undefined;
  readonly out: string | undefined;
  readonly fresh: boolean;
}

/** What is to be measured, and where it goes. */
export interface EvaluationRequest {
  readonly models: readonly ModelSpec[];
  readonly tasks: readonly string[];
  /** Described tasks whose images are not there. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
  readonly measure: EvaluateModelsOptions;
  /** Results are written there. */
  readonly folder?: string;
  /** The run that is compared with its teachers: its folder is `folder`, unless that was given. */
  readonly run?: string;
}

/** Side at which all models see the images where no run says another. */
const defaultCanvas = 64;

/**
 * Completes what was given by what the first run's recipe says, or by what the suite measures.
 *
 * @throws {UserError} where neither says what to measure, or a value cannot be used.
 */
export async function readRequest(
  given: readonly string[],
  options: GivenOptions,
): Promise<EvaluationRequest> {
  const names = given.map((name) => name.replace(/[/\\]+$/, ""));
  const found = await firstRun(names);
  const run = found !== undefined && (options.suite || names.length === 1) ? found : undefined;
  const { present, absent } = options.suite && options.data.length === 0
    ? await suiteTasks()
    : { present: options.data, absent: [] };
  const tasks = present.length > 0 ? present : found?.recipe.evaluation.tasks ?? [];
  if (names.length === 0 && !options.suite) {
    throw mistake("no MODEL", "at least one, such as resnet56_cifar10, or --suite");
  }
  if (tasks.length === 0) throw mistake("no --data", "at least one set, such as --data digits");
  const others = names.filter((name) => name !== run?.folder);
  const models = run !== undefined
    ? runModels(run.folder, run.recipe, others)
    : (names.length > 0 ? names : suiteModels).map((source) => ({ source }));
  const folder = options.out ?? run?.folder ?? (options.suite ? "runs/suite" : undefined);
  return {
    models,
    tasks,
    absent,
    measure: {
      canvas: found?.recipe.images.canvas ?? defaultCanvas,
      ...(options.suite ? suiteDefaults : found === undefined ? {} : choicesOf(found.recipe)),
      ...measureOptions(options),
      ...(folder === undefined || options.fresh ? {} : { resume: `${folder}/measured.jsonl` }),
    },
    ...(folder === undefined ? {} : { folder }),
    ...(run === undefined ? {} : { run: run.folder }),
  };
}

/** The first run among the models: its recipe's choices are the defaults. */
async function firstRun(names: readonly string[]) {
  for (const folder of names) {
    const { recipe } = runPaths(folder);
    if (!await Deno.stat(recipe).then(() => true, () => false)) continue;
    return { folder, recipe: await loadRecipe(recipe) };
  }
  return undefined;
}

function choicesOf({ evaluation: { feature, k, metrics } }: Recipe) {
  return { feature, k, metrics: [...metrics, ...denseMetrics] };
}

function measureOptions(options: GivenOptions) {
  const metrics = options.metric.map(metricOf);
  const k = options.k.map((one) => whole("k", Number(one), 1));
  return {
    ...(metrics.length === 0 ? {} : { metrics }),
    ...(k.length === 0 ? {} : { k }),
    ...(options.feature === undefined ? {} : { feature: featureOf(options.feature) }),
    ...(options.canvas === undefined ? {} : { canvas: whole("canvas", options.canvas, 1) }),
    ...(options.limit === undefined ? {} : { limit: whole("limit", options.limit, 1) }),
    ...(options.seed === undefined ? {} : { seed: whole("seed", options.seed, 0) }),
    ...(options.costs === undefined ? {} : { costs: options.costs }),
    ...rejectionOf(options),
  };
}

function rejectionOf({ rejection, costs }: GivenOptions): { rejection?: number } {
  if (rejection === undefined) return {};
  if (costs !== undefined && Number.isFinite(rejection)) return { rejection };
  throw mistake(
    `--rejection ${rejection}${costs === undefined ? " without --costs" : ""}`,
    "a number, beside the costs of errors in the same unit",
  );
}

function whole(name: string, value: number, lowest: number): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  throw mistake(`--${name} ${value}`, `a whole number of at least ${lowest}`);
}

function featureOf(given: string): FeatureKind {
  if (given === "cls" || given === "patch" || given === "cls+patch") return given;
  throw mistake(`--feature ${given}`, "cls, patch or cls+patch");
}

function metricOf(name: string): EvaluationMetric | DenseMetric {
  const all = [...evaluationMetrics, ...denseMetrics];
  const metric = all.find((one) => one === name);
  if (metric !== undefined) return metric;
  const known = `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
  throw mistake(`--metric ${name}`, known);
}

function mistake(found: string, expected: string): UserError {
  return new UserError(`Found ${found}, expected ${expected}. See deno task evaluate --help`);
}
