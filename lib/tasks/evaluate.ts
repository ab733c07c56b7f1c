/** `deno task evaluate`: frozen features on labelled images. */
import { evaluateModels } from "../distill/evaluate_models.ts";
import { evaluateRun } from "../distill/evaluate_run.ts";
import type { FeatureKind } from "../distill/extract_features.ts";
import { loadRecipe } from "../distill/load_recipe.ts";
import type { Recipe } from "../distill/recipe_types.ts";
import { runPaths } from "../distill/run_folder.ts";
import { startEngine } from "../engine/backend.ts";
import { type EvaluationMetric, evaluationMetrics } from "../metrics/evaluation_metric.ts";
import type { EvaluationRow } from "../metrics/scorecard.ts";
import { UserError } from "../user_error.ts";
import { comparisonText, costText, evaluationCosts, evaluationCsv } from "../view/tables.ts";
import { writeFileAtomic } from "../atomic_file.ts";
import { defineCommand, main } from "./command.ts";

/** The command, as a value. */
export const evaluate = defineCommand({
  name: "evaluate",
  summary:
    "Measures frozen features of runs, teachers, random networks and pixels, by any of several\n" +
    "metrics. A student is set against the best teacher of each set; a difference that the\n" +
    "choice of test images explains is a tie.\n" +
    "MODEL is a run folder, a student.safetensors, a teacher (or TEACHER@SIZE), FAMILY:FILE,\n" +
    "random:RUN or pixels. A run alone is compared with its teachers, a random student and pixels.",
  example: "deno task evaluate resnet56_cifar10 pixels --data digits --data land_use",
  positionals: ["MODEL..."],
  options: {
    data: {
      type: "list",
      value: "SET",
      summary: "embedded set, folder or zip; default: the tasks of the run's recipe",
    },
    feature: { type: "text", value: "KIND", summary: "cls, patch or cls+patch" },
    metric: {
      type: "list",
      value: "METRIC",
      summary: `${evaluationMetrics.join(", ")}; default knn`,
    },
    k: { type: "number", value: "N", summary: "neighbours that vote, default 20" },
    canvas: {
      type: "number",
      value: "PIXELS",
      summary: "side at which all models see the images; default: the run's, else 64",
    },
    limit: { type: "number", value: "N", summary: "at most N train and N test images of each set" },
    seed: {
      type: "number",
      value: "N",
      summary: "draws intervals and shots, and test images where needed",
    },
    costs: {
      type: "text",
      value: "FILE",
      summary:
        "CSV of what errors of logistic regression cost, lines by true class, columns by predicted",
    },
    csv: { type: "text", value: "FILE", summary: "also writes the rows there" },
  },
  run: async ({ positionals, options, say, progress, emit }) => {
    const numbers = {
      ...whole("k", options.k, 1),
      ...whole("canvas", options.canvas, 1),
      ...whole("limit", options.limit, 1),
      ...whole("seed", options.seed, 0),
    };
    const shared = {
      ...numbers,
      ...featureOf(options.feature),
      ...metricsOf(options.metric),
      ...(options.costs === undefined ? {} : { costs: options.costs }),
      onRow: (row: EvaluationRow) =>
        progress(
          `${row.model} on ${row.task}, ${row.metric}: ${row.value.toFixed(1)} % (${
            row.seconds.toFixed(1)
          } s)`,
        ),
    };
    const recipe = await recipeOf(positionals);
    if (options.data.length === 0 && recipe === undefined) {
      throw new UserError(
        "Found no --data, expected at least one set, such as --data digits. " +
          "See deno task evaluate --help",
      );
    }
    await startEngine();
    const [only] = positionals;
    const tasks = options.data.length > 0 ? options.data : recipe?.evaluation.tasks ?? [];
    const evaluation = positionals.length === 1 && only !== undefined && recipe !== undefined
      ? await evaluateRun(only, { tasks, ...shared })
      : await evaluateModels(positionals.map((what) => ({ what })), tasks, {
        canvas: recipe?.images.canvas ?? 64,
        ...(recipe === undefined ? {} : evaluationOf(recipe)),
        ...shared,
      });
    const { rows } = evaluation;
    emit(rows);
    say(`${comparisonText(rows)}\n\n${costText(evaluationCosts(evaluation))}`);
    if (options.csv !== undefined) await writeFileAtomic(options.csv, evaluationCsv(rows));
  },
});

/** The recipe of the first run among the models: its choices are the defaults. */
async function recipeOf(models: readonly string[]) {
  for (const model of models) {
    const { recipe } = runPaths(model.replace(/[/\\]+$/, ""));
    if (await Deno.stat(recipe).then(() => true, () => false)) return await loadRecipe(recipe);
  }
  return undefined;
}

function evaluationOf({ evaluation: { feature, k, metrics } }: Recipe) {
  return { feature, k, metrics };
}

function whole<const N extends string>(name: N, value: number | undefined, lowest: number) {
  if (value === undefined) return {};
  if (!Number.isSafeInteger(value) || value < lowest) {
    throw new UserError(
      `Found --${name} ${value}, expected a whole number of at least ${lowest}. ` +
        "See deno task evaluate --help",
    );
  }
  return { [name]: value };
}

function featureOf(given: string | undefined): { feature?: FeatureKind } {
  if (given === undefined) return {};
  if (given === "cls" || given === "patch" || given === "cls+patch") return { feature: given };
  throw new UserError(
    `Found --feature ${given}, expected cls, patch or cls+patch. See deno task evaluate --help`,
  );
}

function metricsOf(given: readonly string[]): { metrics?: EvaluationMetric[] } {
  const metrics = given.map((name) => {
    const metric = evaluationMetrics.find((one) => one === name);
    if (metric !== undefined) return metric;
    throw new UserError(
      `Found --metric ${name}, expected ${evaluationMetrics.slice(0, -1).join(", ")} or ` +
        `${evaluationMetrics.at(-1)}. See deno task evaluate --help`,
    );
  });
  return metrics.length === 0 ? {} : { metrics };
}

if (import.meta.main) await main(evaluate);
