/** Saves the state of a run, with the mean loss of the updates since the save before. */
import type { Storage } from "../io/storage.ts";
import { UserError } from "../errors/user_error.ts";
import type { DistillState } from "../method/state.ts";
import { saveCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import type { RunFolder } from "../runs/run_folder.ts";
import type { RunLog } from "../runs/step_log.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import type { TrainingSetup } from "./setup.ts";
import type { RunProgress, RunStart } from "./start.ts";

/** Every tensor of a state by name, wherever it is kept. */
export type StateReader = (state: DistillState) => Promise<Map<string, FloatTensor>>;

/** Saves the states of one run. */
export interface Saver {
  /** Takes the loss of an update into the mean. */
  addLoss(loss: number): void;
  /** Forgets the losses of updates that were undone. */
  forgetLosses(): void;
  /**
   * Writes a checkpoint, unless the state of this step is saved already.
   *
   * @throws {UserError} for numbers that are not finite, and for a disk that is full
   */
  save(state: DistillState, progress: RunProgress): Promise<void>;
}

/**
 * Makes the saver of a run.
 *
 * @param options log: flushed before every checkpoint, so that no power cut tears them apart; toHost: gives every
 * tensor of a state
 */
export function makeSaver(
  run: RunFolder,
  setup: TrainingSetup,
  { start, log, files, toHost }: {
    readonly start: RunStart;
    readonly log: RunLog;
    readonly toHost: StateReader;
    readonly files: Storage | undefined;
  },
): Saver {
  const { recipe } = setup;
  const { provenance, licences } = start;
  const losses = runningMean();
  let savedStep = start.restored ? start.state.step : undefined;
  return {
    addLoss: losses.add,
    forgetLosses: () => void losses.take(),
    async save(state, progress) {
      if (savedStep === state.step) return;
      log.flush();
      const tensors = await toHost(state);
      assertFiniteState(tensors, run.folder);
      await saveCheckpoint(run.folder, {
        step: state.step,
        loss: losses.take(),
        tensors,
        meta: { recipe, origin: provenance, progress, teacherLicences: licences },
      }, { ...recipe.checkpoint, files });
      savedStep = state.step;
    },
  };
}

/** A mean that begins anew whenever it is taken; NaN of no numbers. */
function runningMean() {
  let [sum, count] = [0, 0];
  return {
    add(value: number) {
      sum += value;
      count += 1;
    },
    take() {
      const mean = sum / count;
      [sum, count] = [0, 0];
      return mean;
    },
  };
}

/**
 * Refuses to save what the next step would refuse.
 *
 * @throws {UserError} naming the first tensor with a number that is not finite
 */
function assertFiniteState(tensors: Map<string, FloatTensor>, folder: string): void {
  for (const [name, { data }] of tensors) {
    if (data.every(Number.isFinite)) continue;
    throw new UserError(
      `Cannot save the state of "${folder}": "${name}" holds numbers that are not finite since the ` +
        "last update. The newest checkpoint is from before: go on from there by --resume, with a " +
        "lower optimization.learningRate in another folder",
    );
  }
}
