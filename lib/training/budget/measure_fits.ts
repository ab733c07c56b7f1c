/** What is fitted before the first step takes: measured on a few batches. */
import * as tf from "@tensorflow/tfjs";
import { standardizesInputs } from "../../method/projectors/projector.ts";
import type { DistillState } from "../../method/state.ts";
import type { Statistics } from "../../method/standardizers/statistics.ts";
import type { StudentParameters } from "../../method/student.ts";
import type { Layout } from "../../tensors/parameters.ts";
import { fitLadderInputs, ladderInputBatches } from "../fit_ladder_inputs.ts";
import { fitStandardizer } from "../fit_standardizer.ts";
import type { PrefixSource } from "../prefix.ts";
import type { TrainingSetup } from "../setup.ts";
import type { TargetSource } from "../targets.ts";

/** Batches that are looked at; what is kept of them is there afterwards. */
export const measuredBatches = 3;

/** The difference between these and {@linkcode measuredBatches} is what batches take. */
const fewBatches = 2;

/** Seconds of a fit. */
interface FitSeconds {
  /** Compiling, and what the end of the fit takes. */
  readonly startSeconds: number;
  /** Each batch whose features are there. */
  readonly batchSeconds: number;
}

/** Fits the standardiser, where it is fitted. */
export async function timeStandardizer(
  setup: TrainingSetup,
  targets: TargetSource,
  now: () => number,
): Promise<FitSeconds & { readonly statistics?: Statistics | undefined }> {
  const fit = (batches: number) => fitStandardizer(withSteps(setup, batches), targets);
  const statistics = await fit(measuredBatches);
  if (statistics === undefined) return { startSeconds: 0, batchSeconds: 0 };
  const seconds = await timeFit(async (batches) => tf.dispose(await fit(batches) ?? {}), now);
  return { statistics, ...seconds };
}

/**
 * Fits the statistics of a ladder's inputs, where it has some.
 *
 * @param state taken over
 * @returns the state with the statistics, and the seconds of all the batches that they are fitted to
 */
export async function timeLadderInputs(
  setup: TrainingSetup,
  layout: Layout<StudentParameters>,
  { state, prefix, now }: {
    readonly state: DistillState;
    readonly prefix: PrefixSource | undefined;
    readonly now: () => number;
  },
): Promise<{ readonly state: DistillState; readonly startSeconds: number }> {
  if (!standardizesInputs(setup.student.ladder)) return { state, startSeconds: 0 };
  const fit = (parameters: tf.Tensor1D, batches: number) =>
    fitLadderInputs(withSteps(setup, batches), layout, { parameters, prefix });
  const parameters = await fit(state.tensors.parameters, measuredBatches);
  const { startSeconds, batchSeconds } = await timeFit(
    async (batches) => tf.dispose(await fit(tf.clone(parameters), batches)),
    now,
  );
  return {
    state: { ...state, tensors: { ...state.tensors, parameters } },
    startSeconds: startSeconds + ladderInputBatches * batchSeconds,
  };
}

async function timeFit(
  fit: (batches: number) => Promise<void>,
  now: () => number,
): Promise<FitSeconds> {
  const time = async (batches: number) => {
    const begun = now();
    await fit(batches);
    return (now() - begun) / 1000;
  };
  const few = await time(fewBatches), more = await time(measuredBatches);
  const batchSeconds = Math.max(0, more - few) / (measuredBatches - fewBatches);
  return { batchSeconds, startSeconds: Math.max(0, few - fewBatches * batchSeconds) };
}

function withSteps(setup: TrainingSetup, steps: number): TrainingSetup {
  return { ...setup, plan: { ...setup.plan, steps } };
}
