/** How fast evaluation is: votes of neighbours and logistic regression, beside scikit-learn. */
import { cpus } from "node:os";
import { UserError } from "../errors/user_error.ts";
import { knn } from "../metrics/probes/knn.ts";
import type { LabelledFeatures } from "../metrics/probes/labelled_features.ts";
import { fitLogistic, predictLogistic } from "../metrics/probes/logistic.ts";
import { randomStream } from "../tensors/random.ts";
import { median } from "./bench_engine.ts";
import { type PythonProcess, startPython } from "../cli/commands/python_process.ts";

/** Size of the bench: as many test as train images. */
export interface EvaluateSetting {
  readonly rows: number;
  readonly width: number;
  readonly classes: number;
}

/** The setting that figures are quoted for. */
export const evaluateSetting: EvaluateSetting = { rows: 20_000, width: 768, classes: 100 };

const [k, temperature, c] = [20, 0.07, 1];

/** One side's turns at one metric. */
export interface EvaluateTiming {
  /** Median. */
  readonly milliseconds: number;
  /** Percent. */
  readonly accuracy: number;
}

/** What was measured of one metric. */
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
    readonly python?: string;
    readonly repeats: number;
    readonly onProgress: (line: string) => void;
  },
): Promise<EvaluateBench> {
  const { python, repeats, onProgress } = options;
  const memory = watchMemory();
  const [train, test] = [madeUp(setting, 1), madeUp(setting, 2)];
  const other = python === undefined
    ? undefined
    : await startSklearn(python, setting, { train, test });
  const { version = null } = await other?.answer() ?? {};
  let [ownPeak, sklearnPeak]: [number, number | null] = [0, null];
  const metrics: EvaluateComparison[] = [];
  try {
    for (const metric of ["knn", "logistic"] as const) {
      const turns: { ours: EvaluateTiming; sklearn?: EvaluateTiming }[] = [];
      for (let turn = 0; turn < repeats; turn++) {
        const ours = await ownTurn(metric, train, test);
        onProgress(`${metric}: ${told(ours)}`);
        const answer = await other?.ask(metric);
        if (answer === undefined) {
          turns.push({ ours });
          continue;
        }
        const sklearn = {
          milliseconds: Number(answer.milliseconds),
          accuracy: Number(answer.accuracy),
        };
        sklearnPeak = Number(answer.peakMegabytes);
        onProgress(`${metric}, scikit-learn: ${told(sklearn)}`);
        turns.push({ ours, sklearn });
      }
      metrics.push(compared(metric, turns));
    }
  } finally {
    ownPeak = memory();
    await other?.close();
  }
  return {
    setting,
    metrics,
    sklearnVersion: version === null ? null : String(version),
    peakMegabytes: { ours: ownPeak, sklearn: sklearnPeak },
    machine: { cpu: cpus()[0]?.model.trim() ?? "unknown", cores: navigator.hardwareConcurrency },
    repeats,
    date: new Date().toISOString(),
  };
}

/**
 * Noise around a centre for each class, near enough to one another that not every answer is right. As in
 * features of trained networks, a few directions hold most of the variance: it falls with the inverse of
 * their rank.
 */
function madeUp({ rows, width, classes }: EvaluateSetting, seed: number): LabelledFeatures {
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

async function ownTurn(
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

function compared(
  metric: "knn" | "logistic",
  turns: readonly { readonly ours: EvaluateTiming; readonly sklearn?: EvaluateTiming }[],
): EvaluateComparison {
  const theirs = turns.flatMap(({ sklearn }) => sklearn ?? []);
  const ratios = turns.flatMap(({ ours, sklearn }) =>
    sklearn ? [sklearn.milliseconds / ours.milliseconds] : []
  );
  return {
    metric,
    ours: medianOf(turns.map(({ ours }) => ours)),
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

/** scikit-learn with the same features, which it reads from files that are gone once it has them. */
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
      refusal: (found) =>
        new UserError(
          `Cannot time scikit-learn with ${python}: ${found}. Name a Python that has it by ` +
            "--python PYTHON, or leave that out.",
        ),
    });
    const first = await process.answer();
    return { ...process, answer: () => Promise.resolve(first) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Looks at the resident memory again and again; call the result for the most that was seen. */
function watchMemory(): () => number {
  let most = 0;
  const look = () => most = Math.max(most, Deno.memoryUsage().rss);
  const timer = setInterval(look, 20);
  return () => {
    look();
    clearInterval(timer);
    return most / 1e6;
  };
}

function told({ milliseconds, accuracy }: EvaluateTiming): string {
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
    `  ours          ${told(ours)}`,
    ...sklearn === null || ratio === null ? [] : [
      `  scikit-learn  ${told(sklearn)}   ours is ${ratio.toFixed(2)} times as fast`,
    ],
  ]);
  const memory = (value: number | null) => value === null ? "?" : `${Math.round(value)} MB`;
  return [
    ...lines,
    `Peak memory ${memory(peakMegabytes.ours)}` +
    (sklearnVersion === null
      ? ""
      : `, of scikit-learn ${sklearnVersion} ${memory(peakMegabytes.sklearn)}`),
    `${machine.cpu}, ${machine.cores} cores, medians of ${result.repeats} turns`,
  ];
}
