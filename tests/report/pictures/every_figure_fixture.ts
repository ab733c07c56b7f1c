/** Every kind of figure of the package, of runs with any names. */
import { defineExperiment } from "../../../lib/experiments/experiment.ts";
import { rowDigest } from "../../../lib/experiments/results.ts";
import type { Figure } from "../../../lib/report/figures/figure.ts";
import { analysisFigures } from "../../../lib/report/figures/analysis_figures.ts";
import { barChart } from "../../../lib/report/figures/bar_chart.ts";
import { comparisonFigure } from "../../../lib/report/figures/comparison_figure.ts";
import { heatMap } from "../../../lib/report/figures/heat_map.ts";
import { lossFigure } from "../../../lib/report/figures/loss_figure.ts";
import { profileFigure } from "../../../lib/report/figures/profile_figure.ts";
import { shareFigure } from "../../../lib/report/figures/share_figure.ts";
import { curveTitles, trainingCurve } from "../../../lib/report/figures/training_curve.ts";
import { experimentFigure } from "../../../lib/report/experiments/experiment_figure.ts";
import { lightTheme } from "../../../lib/report/figures/theme.ts";
import { runFigure } from "../../../lib/report/notebook/boards.ts";
import type { EvaluationRow } from "../../../lib/metrics/comparison/evaluation_row.ts";
import type { StepReport } from "../../../lib/runs/step_report.ts";
import { madeUpAnalysis } from "../analysis_fixture.ts";

/** What the figures show. */
export interface FiguresOf {
  readonly teachers: readonly string[];
  readonly tasks: readonly string[];
  readonly steps: number;
}

/** Every kind, by name. */
export function everyFigure({ teachers, tasks, steps }: FiguresOf): Map<string, Figure> {
  const reports = Array.from({ length: steps }, (_, i) => reportAt(i + 1, steps, teachers));
  const names = ["student", ...teachers, "random", "pixels"];
  const models = names.map((name) =>
    [
      name,
      name === "student" ? "student" : teachers.includes(name) ? "teacher" : "baseline",
    ] as const
  );
  const rows = names.flatMap((model, i) => tasks.map((task, k) => rowOf(model, task, i, k)));
  return new Map<string, Figure>([
    ["losses", lossFigure(reports, { models })],
    ["run", runFigure(reports, { models })],
    ["shares", shareFigure(reports, { models })],
    ...curveTitles.map(([name]) => [name, trainingCurve(name, reports)] as const),
    ["comparison", comparisonFigure(rows, { models })],
    ["profile", profileFigure(rows, { models })],
    ...analysisFigures(madeUpAnalysis(teachers)).map(({ title, figure }) =>
      [title, figure] as const
    ),
    ["experiment", experimentOf(teachers)],
    ["matrix", matrixOf(teachers, tasks)],
    ["bars", barsOf(teachers, tasks)],
  ]);
}

function reportAt(step: number, steps: number, teachers: readonly string[]): StepReport {
  const lossOf = (i: number) => 0.2 + 0.02 * i + 0.5 * Math.exp(-step / (20 + i));
  return {
    step,
    steps,
    epoch: step / 10,
    images: 32 * step,
    loss: 0.5,
    losses: Object.fromEntries(teachers.map((name, i) => {
      const [cls, patch] = [lossOf(i), lossOf(i + 1)];
      return [name, { cls, patch, total: (cls + patch) / 2 }];
    })),
    shares: Object.fromEntries(teachers.map((name) => [name, 1 / teachers.length])),
    learningRate: 1e-3 * step / steps,
    gradientNorm: 1 + step / steps,
    standardizerWeight: 1 - step / (steps + 1),
    imagesPerSecond: 1234 + step,
    waitingShare: 0.1,
    seconds: step,
    secondsLeft: steps - step,
  };
}

function rowOf(model: string, task: string, i: number, k: number): EvaluationRow {
  const value = 30 + (13 * i + 29 * k) % 65;
  const [low, high] = [value - 2, value + 2];
  return { model, task, metric: "k-NN accuracy", value, low, high, images: 500, seconds: 1 };
}

function experimentOf(teachers: readonly string[]): Figure {
  const experiment = defineExperiment({
    ...{ name: "models", title: "Models", paper: "none", description: "" },
    ...{ seeds: [0, 1], tasks: ["digits"], claims: [] },
    rows: teachers.map((_, i) => ({ name: `row${i}`, model: "pixels" })),
    columns: [{ title: "digits", measures: ["knn digits"] }],
    figures: [{
      title: "Few components",
      ...{ xTitle: "components kept", yTitle: "% of its accuracy", x: [1, 2, 8] },
      lines: teachers.map((title, i) => ({
        title,
        row: `row${i}`,
        measure: (x) => `components ${x}`,
      })),
    }],
  });
  const results = teachers.flatMap((_, i) =>
    [1, 2, 8].flatMap((x) =>
      [0, 1].map((seed) => ({
        ...{ experiment: "models", row: `row${i}`, seed, measure: `components ${x}` },
        ...{ value: 10 * x + i + seed, recipe: rowDigest(experiment, experiment.rows[i]!) },
      }))
    )
  );
  return experimentFigure(
    { experiment, results: results as never },
    experiment.figures![0]!,
  );
}

function matrixOf(rows: readonly string[], columns: readonly string[]): Figure {
  const values = rows.map((_, i) => columns.map((_, k) => (7 * i + 13 * k) % 100));
  return heatMap({
    ...{ rows, columns, values, digits: 0 },
    ...{ scale: "from zero", title: "k-NN accuracy, %" },
  }, lightTheme);
}

function barsOf(names: readonly string[], series: readonly string[]): Figure {
  return barChart({
    names,
    series: series.map((name, k) => ({
      name,
      values: names.map((_, i) => 1 + (7 * i + 13 * k) % 100),
      deviations: names.map(() => 1),
    })),
    title: "points",
  });
}
