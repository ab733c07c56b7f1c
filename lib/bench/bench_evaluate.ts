/** Times evaluation, k-NN and logistic regression, beside scikit-learn. */
import { UserError } from "../errors/user_error.ts";
import { knn } from "../metrics/probes/knn.ts";
import type { LabelledFeatures } from "../metrics/labelled_features.ts";
import { fitLogistic, predictLogistic } from "../metrics/probes/logistic.ts";
import { randomStream } from "../tensors/random.ts";
import { processorName } from "../cli/recording.ts";
import { median } from "./bench_engine.ts";
import { type PythonProcess, startPython } from "./python_process.ts";
import { machineText } from "../report/format.ts";

/** Size of the bench; there are as many test as train images. */
export interface EvaluateSetting {
  readonly rows: number;
  readonly width: number;
  readonly classes: number;
}

/** The setting of the figures in docs and results. */
export const evaluateSetting: EvaluateSetting = { rows: 20_000, width: 768, classes: 100 };

const [k, temperature, c] = [20, 0.07, 1];

/** One side's turns at one metric. */
export interface EvaluateTiming {
  /** Median. */
  readonly milliseconds: number;
  /** Percent. */
  readonly accuracy: number;
}

/** The measurements of one metric. */
export interface EvaluateComparison {
  readonly metric: "knn" | "logistic";
  readonly ours: EvaluateTiming;
  /** Null without a Python. */
  readonly sklearn: EvaluateTiming | null;
  /** How many times as fast as scikit-learn ours is: median of the ratios of neighbouring turns. */
  readonly ratio: number | null;
}

/** Outcome of {@linkcode benchEvaluate}. */
export interface EvaluateBench {
  readonly setting: EvaluateSetting;
  readonly metrics: readonly EvaluateComparison[];
  /** Version of scikit-learn. */
  readonly sklearnVersion: string | null;
  /** Highest resident memory of each process, features included. */
  readonly peakMegabytes: { readonly ours: number; readonly sklearn: number | null };
  readonly machine: { readonly cpu: string; readonly cores: number };
  readonly repeats: number;
  readonly date: string;
}

/**
 * Times both metrics on made-up features; with a Python that has scikit-learn, the two take turns.
 *
 * @throws {UserError} where the Python cannot be used.
 */
export async function benchEvaluate(
  setting: EvaluateSetting,
  options: {
    readonly python?: string | undefined;
    readonly repeats: number;
    readonly onProgress: (line: string) => void;
  },
): Promise<EvaluateBench> {
  const { python, repeats, onProgress } = options;
  const memory = watchMemory();
  const [train, test] = [drawFeatures(setting, 1), drawFeatures(setting, 2)];
  const sklearn = python === undefined
    ? undefined
    : await startSklearn(python, setting, { train, test });
  const { version = null } = await sklearn?.answer() ?? {};
  let [peak, sklearnPeak]: [number, number | null] = [0, null];
  const metrics: EvaluateComparison[] = [];
  try {
    for (const metric of ["knn", "logistic"] as const) {
      const [ours, theirs]: [EvaluateTiming[], EvaluateTiming[]] = [[], []];
      for (let turn = 0; turn < repeats; turn++) {
        const timing = await timeMetric(metric, train, test);
        ours.push(timing);
        onProgress(`${metric}: ${timingText(timing)}`);
        const answer = await sklearn?.request(metric);
        if (answer === undefined) continue;
        const { milliseconds, accuracy, peakMegabytes } = answer;
        theirs.push({ milliseconds: Number(milliseconds), accuracy: Number(accuracy) });
        sklearnPeak = Number(peakMegabytes);
        onProgress(`${metric}, scikit-learn: ${timingText(theirs.at(-1)!)}`);
      }
      metrics.push(compare(metric, ours, theirs));
    }
  } finally {
    peak = memory();
    await sklearn?.close();
  }
  return {
    setting,
    metrics,
    sklearnVersion: version === null ? null : String(version),
    peakMegabytes: { ours: peak, sklearn: sklearnPeak },
    machine: { cpu: processorName(), cores: navigator.hardwareConcurrency },
    repeats,
    date: new Date().toISOString(),
  };
}

/**
 * Noise around a centre for each class, near enough to one another that not every answer is right. As in
 * features of trained networks, a few directions hold most of the variance: it falls with the inverse of
 * their rank.
 */
function drawFeatures({ rows, width, classes }: EvaluateSetting, seed: number): LabelledFeatures {
  const centres = randomStream(0).at("centres").normal(classes * width);
  const features = randomStream(seed).at("features").normal(rows * width);
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  for (let row = 0; row < rows; row++) {
    const from = (row % classes) * width;
    for (let i = 0; i < width; i++) {
      const place = row * width + i;
      features[place] = (features[place]! + 0.2 * centres[from + i]!) / Math.sqrt(1 + i);
    }
  }
  return { features, labels, width };
}

async function timeMetric(
  metric: "knn" | "logistic",
  train: LabelledFeatures,
  test: LabelledFeatures,
): Promise<EvaluateTiming> {
  const begun = performance.now();
  if (metric === "knn") {
    const { top1 } = await knn(train, test, { k, temperature });
    return { milliseconds: performance.now() - begun, accuracy: top1 };
  }
  const model = await fitLogistic(train, { c });
  const predictions = await predictLogistic(model, test.features, test.width);
  const milliseconds = performance.now() - begun;
  const right = predictions.filter((label, i) => label === test.labels[i]).length;
  return { milliseconds, accuracy: 100 * right / predictions.length };
}

/** Compares turn by turn; `theirs` is empty without a Python. */
function compare(
  metric: "knn" | "logistic",
  ours: readonly EvaluateTiming[],
  theirs: readonly EvaluateTiming[],
): EvaluateComparison {
  const ratios = theirs.map((timing, i) => timing.milliseconds / ours[i]!.milliseconds);
  return {
    metric,
    ours: medianOf(ours),
    sklearn: theirs.length === 0 ? null : medianOf(theirs),
    ratio: ratios.length === 0 ? null : median(ratios),
  };
}

function medianOf(timings: readonly EvaluateTiming[]): EvaluateTiming {
  return {
    milliseconds: median(timings.map(({ milliseconds }) => milliseconds)),
    accuracy: timings[0]?.accuracy ?? NaN,
  };
}

/** Starts scikit-learn with the same features, in files that are removed once it has read them. */
async function startSklearn(
  python: string,
  setting: EvaluateSetting,
  features: { readonly train: LabelledFeatures; readonly test: LabelledFeatures },
): Promise<PythonProcess> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  const paths = { train: `${folder}/train`, test: `${folder}/test` };
  try {
    for (const part of ["train", "test"] as const) {
      await Deno.writeFile(paths[part], new Uint8Array(features[part].features.buffer));
    }
    const process = startPython(python, {
      script: new URL("./bench_evaluate.py", import.meta.url),
      setting: { ...setting, ...paths, k, temperature, c },
      refusal: (reason) =>
        new UserError(
          `Cannot time scikit-learn with ${python}: ${reason}. Name a Python that has it by ` +
            "--python PYTHON, or leave that out.",
        ),
    });
    const first = await process.answer();
    return { ...process, answer: () => Promise.resolve(first) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Samples the resident memory; call the result for the highest sample in MB, which ends the watch. */
function watchMemory(): () => number {
  let highest = 0;
  const sample = () => highest = Math.max(highest, Deno.memoryUsage().rss);
  const timer = setInterval(sample, 20);
  return () => {
    sample();
    clearInterval(timer);
    return highest / 1e6;
  };
}

function timingText({ milliseconds, accuracy }: EvaluateTiming): string {
  return `${(milliseconds / 1000).toFixed(1)} s, ${accuracy.toFixed(1)} % right`;
}

/** The result for people. */
export function evaluateTable(result: EvaluateBench): string[] {
  const { setting: { rows, width, classes }, machine, sklearnVersion, peakMegabytes } = result;
  const count = rows.toLocaleString("en");
  const titles = {
    knn: `k-NN of ${count} x ${count} features of width ${width}`,
    logistic: `Logistic regression on ${count} x ${width}, ${classes} classes`,
  };
  const lines = result.metrics.flatMap(({ metric, ours, sklearn, ratio }) => [
    titles[metric],
    `  ours          ${timingText(ours)}`,
    ...sklearn === null || ratio === null ? [] : [
      `  scikit-learn  ${timingText(sklearn)}   ours is ${ratio.toFixed(2)} times as fast`,
    ],
  ]);
  const memory = (value: number | null) => value === null ? "?" : `${Math.round(value)} MB`;
  return [
    ...lines,
    `Peak memory ${memory(peakMegabytes.ours)}` +
    (sklearnVersion === null
      ? ""
      : `, of scikit-learn ${sklearnVersion} ${memory(peakMegabytes.sklearn)}`),
    `${machineText(machine)}, medians of ${result.repeats} turns`,
  ];
}
