/** A run that never was, for looking at tables, figures and the report. */
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";
import type { Pictures } from "../../lib/evaluation/pictures/pictures.ts";
import { encodePng, pngDataUrl } from "../../lib/images/codec/encode.ts";
import type { EvaluationRow, Verdict } from "../../lib/metrics/comparison/evaluation_row.ts";
import { madeUpAnalysis } from "./analysis_fixture.ts";
import type { ReportInput } from "../../lib/report/page/report_input.ts";

const teachers = ["digits", "land_use", "chest_xrays", "characters"];
const tasks = ["digits", "land use", "chest x-rays", "characters"];
const scores: Record<string, number[]> = {
  student: [92.4, 78.1, 88.9, 61.7],
  digits: [93.6, 52.2, 77.0, 40.3],
  land_use: [58.8, 80.3, 81.1, 33.9],
  chest_xrays: [41.2, 49.0, 90.2, 22.4],
  characters: [70.3, 44.6, 76.5, 63.8],
  random: [44.1, 38.7, 74.4, 18.0],
  pixels: [88.2, 33.5, 76.8, 21.5],
};

function reportAt(step: number, steps: number): StepReport {
  const wave = (i: number) => Math.sin(step * 12.9898 + i * 78.233) * 0.5;
  const decay = (i: number) =>
    (0.2 + 0.05 * i) + (0.5 - 0.05 * i) * Math.exp(-step / (90 + 40 * i));
  const losses = Object.fromEntries(teachers.map((name, i) => {
    const cls = decay(i) + 0.05 * wave(i);
    const patch = decay(i) * 1.1 + 0.03 + 0.03 * wave(i + 7);
    return [name, i === 3 ? { cls, total: cls } : { cls, patch, total: (cls + patch) / 2 }];
  }));
  const raw = teachers.map((_, i) =>
    1 + 0.35 * i * (1 - Math.exp(-step / 200)) + 0.2 * wave(i + 3)
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  const warm = Math.min(1, step / (steps / 20));
  return {
    step,
    steps,
    epoch: step / 125,
    images: step * 64,
    loss: Object.values(losses).reduce((sum, { total }) => sum + total, 0) / teachers.length,
    losses,
    shares: Object.fromEntries(teachers.map((name, i) => [name, (raw[i] ?? 0) / total])),
    learningRate: warm * (1e-6 + 1e-3 * (1 + Math.cos(Math.PI * step / steps))),
    gradientNorm: 1.5 + wave(1),
    standardizerWeight: 0.001 + 0.4995 * (1 + Math.cos(Math.PI * step / steps)),
    imagesPerSecond: 420 + 10 * wave(2),
    waitingShare: 0.02,
    seconds: step * 64 / 420,
    secondsLeft: (steps - step) * 64 / 420,
  };
}

/** Of the student against the specialist of the task. */
function verdictOn(task: number): Verdict {
  const against = teachers[task] ?? "";
  const difference = (scores.student?.[task] ?? 0) - (scores[against]?.[task] ?? 0);
  const interval = { low: difference - 1.4, high: difference + 1.4 };
  const outcome = interval.high < 0 ? "loss" : "tie";
  return { outcome, against, difference, ...interval, p: outcome === "tie" ? 0.09 : 0.0004 };
}

/** Some squares of 4 x 4 colours. */
const squares = await Promise.all(Array.from({ length: 20 }, async (_, seed) => {
  const pixels = Uint8Array.from({ length: 48 }, (_, i) => 128 + 127 * Math.sin(seed + i));
  return pngDataUrl(await encodePng(pixels, { rows: 4, columns: 4, enlarge: 28 }));
}));
const picture = (seed: number): string => squares[seed % squares.length] ?? "";

const pictures: Pictures = {
  features: [{
    task: "digits",
    images: [1, 2, 3].map(picture),
    models: ["student", ...teachers].map((model, i) => ({
      model,
      grid: [4, 4],
      share: 0.61,
      pictures: [1, 2, 3].map((image) => picture(4 * i + image)),
    })),
  }],
  segmentation: [{
    task: "streets",
    classes: ["sky", "road", "tree"],
    images: [1, 2].map((image) => ({
      pixels: picture(image),
      truth: picture(image + 5),
      predictions: [{ model: "student", picture: picture(image + 7) }],
    })),
  }],
};

/** Everything that a report takes. */
export function madeUpRun(): ReportInput {
  const rows: EvaluationRow[] = Object.entries(scores).flatMap(([model, values]) =>
    values.map((value, i) => ({
      model,
      task: tasks[i] ?? "",
      metric: "k-NN accuracy",
      value,
      low: value - 1.7,
      high: value + 1.6,
      images: 2000,
      seconds: 1.2,
      ...(model === "student" ? { verdict: verdictOn(i) } : {}),
    }))
  );
  return {
    recipe: defineRecipe({
      name: "demo",
      description:
        "Four specialists, each good at one kind of image, become one model without labels.",
      images: {
        sources: tasks.map((task) => ({ path: `data/images/${task}.zip`, split: "train" })),
        size: 32,
      },
      teachers,
      student: { width: 128, depth: 6, heads: 4, patchSize: 4 },
      optimization: { batchSize: 64, steps: 1500 },
    }),
    reports: Array.from({ length: 1500 }, (_, i) => reportAt(i + 1, 1500)),
    rows,
    costs: [
      { model: "student", parameters: 1_210_000, gflop: 0.162, milliseconds: 0.41 },
      ...teachers.map((model) => ({ model, parameters: 812_000, gflop: 0.11, milliseconds: 0.33 })),
    ],
    models: [
      ["student", "student"],
      ...teachers.map((name) => [name, "teacher"] as const),
      ["random", "baseline"],
      ["pixels", "baseline"],
    ],
    statistics: teachers.map((teacher, i) => ({
      teacher,
      token: "cls",
      width: 128,
      meanNorm: 3.2 + i,
      deviation: [0.01, 0.4, 1.2 + i],
    })),
    pictures,
    analysis: madeUpAnalysis(teachers),
    stateDigest: "9f2c".repeat(16),
    origin: {
      command: "deno task distill recipes/digits.ts --set optimization.steps=1500",
      date: "2026-11-29T01:02:03.000Z",
      machine: "Processor P, 2 cores (x86_64 linux)",
      versions: { hashigo: "0.1.0", tensorflow: "2.21.0" },
    },
  };
}
