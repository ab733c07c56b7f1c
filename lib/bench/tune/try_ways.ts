/** Tries ways of running a step, and compares what they compute with what the usual one does. */
import type { FlagSetName } from "../../engine/tuning/flag_sets.ts";
import {
  fastestWay,
  type StepWay,
  type TuningTrial,
  usualWay,
  wayText,
} from "../../engine/tuning/tuning.ts";
import type { StepNumbers } from "../step_benchmark.ts";
import type { TryOptions, tryWay, WayOutcome } from "./try_way.ts";
import type { TunedStep } from "./tune_step.ts";

/** Largest relative difference from the usual way, in loss and norm of the gradient, of the first steps. */
const tolerance = { float32: 1e-3, bfloat16: 0.05 } as const;

/**
 * The ways that are tried, the usual one first: all sets of flags in full precision, and in bfloat16 those
 * that say how products are computed.
 *
 * @param known sets of flags that the library has
 */
export function waysToTry(known: readonly FlagSetName[]): StepWay[] {
  const xla = (precision: StepWay["precision"], sets: readonly FlagSetName[]) =>
    known.filter((flags) => sets.includes(flags))
      .map((flags): StepWay => ({ mode: "xla", flags, precision }));
  return [
    ...xla("float32", known),
    { mode: "graph", flags: "plain", precision: "float32" },
    ...xla("bfloat16", ["plain", "onednn_dot", "ynn_no_reduce"]),
    { mode: "graph", flags: "plain", precision: "bfloat16" },
  ];
}

/** How ways are tried. */
export interface TryWaysOptions extends TryOptions {
  readonly attempt: typeof tryWay;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Tries the ways in turn; the first is the usual one, with which the others are compared. Where another is
 * faster, both are timed once more: what else ran on the machine must not decide.
 */
export async function tryWays(
  step: TunedStep,
  ways: readonly StepWay[],
  { attempt, onProgress = () => {}, ...options }: TryWaysOptions,
): Promise<TuningTrial[]> {
  const trials: TuningTrial[] = [];
  let expected: readonly StepNumbers[] | undefined;
  for (const way of ways) {
    const outcome = await attempt(way, step, options);
    if (trials.length === 0 && "numbers" in outcome) expected = outcome.numbers;
    const trial = trialOf(way, outcome, expected);
    trials.push(trial);
    const time = trial.milliseconds === null ? "" : ` ${trial.milliseconds.toFixed(0)} ms a step`;
    onProgress(`${wayText(way)}:${time}${trial.refusal === undefined ? "" : ` ${trial.refusal}`}`);
  }
  const again = (trial: TuningTrial) => timeAgain(trial, (way) => attempt(way, step, options));
  const fastest = fastestWay(trials, usualWay.precision);
  if (fastest === undefined || isSame(fastest, ways[0]!)) return trials;
  onProgress(`once more: ${wayText(usualWay)}, and ${wayText(fastest)}`);
  const timed: TuningTrial[] = [];
  for (const [i, trial] of trials.entries()) {
    const competes = trial.refusal === undefined && (i === 0 || isSame(trial, fastest));
    timed.push(competes ? await again(trial) : trial);
  }
  return timed;
}

/** The trial with the shorter of its time and another. */
async function timeAgain(
  trial: TuningTrial,
  attempt: (way: StepWay) => Promise<WayOutcome>,
): Promise<TuningTrial> {
  const { mode, flags, precision } = trial;
  const outcome = await attempt({ mode, flags, precision });
  if ("failure" in outcome || trial.milliseconds === null) return trial;
  return { ...trial, milliseconds: Math.min(trial.milliseconds, outcome.milliseconds) };
}

function isSame(a: StepWay, b: StepWay): boolean {
  return a.mode === b.mode && a.flags === b.flags && a.precision === b.precision;
}

function trialOf(
  way: StepWay,
  outcome: WayOutcome,
  expected: readonly StepNumbers[] | undefined,
): TuningTrial {
  if ("failure" in outcome) return { ...way, milliseconds: null, refusal: outcome.failure };
  const { milliseconds, numbers } = outcome;
  if (expected === undefined) {
    const refusal = `${wayText(usualWay)} failed, with which others are compared`;
    return { ...way, milliseconds, refusal };
  }
  const difference = largestDifference(numbers, expected);
  if (difference <= tolerance[way.precision]) return { ...way, milliseconds };
  const refusal =
    `computes something else: differs by ${difference.toExponential(1)}, expected at ` +
    `most ${tolerance[way.precision]}`;
  return { ...way, milliseconds, refusal };
}

/** Largest relative difference; infinite where a number is none. */
function largestDifference(
  found: readonly StepNumbers[],
  expected: readonly StepNumbers[],
): number {
  const differences = expected.flatMap((numbers, i) =>
    (["loss", "gradientNorm"] as const).map((name) =>
      Math.abs((found[i]?.[name] ?? NaN) - numbers[name]) / Math.abs(numbers[name])
    )
  );
  return differences.some(Number.isNaN) ? Infinity : Math.max(...differences);
}
