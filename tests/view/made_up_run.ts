/** A run that never was, for looking at tables, figures and the report. */
import { defineRecipe } from "../../lib/distill/recipe.ts";
import type { StepReport } from "../../lib/distill/step_report.ts";
import type { EvaluationRow } from "../../lib/metrics/scorecard.ts";
import type { ReportInput } from "../../lib/view/report.ts";

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
    stateDigest: "9f2c".repeat(16),
    environment: "2 cores, TensorFlow 2.21.0, step compiled by XLA, float32",
  };
}
