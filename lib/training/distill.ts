/** The training loop as an async iterator: `for await (const report of distill(recipe))`. */
import * as tf from "@tensorflow/tfjs";
import { explainDiskError } from "../io/disk_error.ts";
import type { Teacher } from "../teachers/backbone.ts";
import { drawBatch } from "./batch.ts";
import {
  type DistillSummary,
  finishRun,
  licencesOf,
  type RunProgress,
  startOrResume,
} from "./start.ts";
import { saveCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import type { Storage } from "../io/storage.ts";
import { fitStandardizer } from "./fit_standardizer.ts";
import { listenForInterrupts } from "../process/interrupts.ts";
import { openLog } from "../runs/step_log.ts";
import { assertFiniteState, GuardStop, openGuard } from "./guard/guard.ts";
import { setUpTraining, type TrainingSetup } from "./setup.ts";
import type { Recipe } from "../recipe/options.ts";
import { openRunFolder, type RunFolder } from "../runs/run_folder.ts";
import { assertRunSpace } from "../runs/disk_budget.ts";
import { runningMean } from "./saver.ts";
import { stateToHost } from "../method/state.ts";
import type { StepReport } from "../runs/step_report.ts";
import { cachedTargets, liveTargets } from "./targets.ts";
import { StepTimer } from "./step_timer.ts";
import { isolateTrackers, type Tracker } from "../tracking/trackers.ts";
import { makeTrainer, type PreparedBatch } from "./trainer.ts";

/** Where and how a run happens; nothing here changes its result. */
export interface DistillOptions {
  /** Run folder. Default `runs/NAME`. */
  readonly folder?: string;
  /** Go on from the newest checkpoint of the folder. Default false. */
  readonly resume?: boolean;
  /** Names of what may differ from what the resumed run was begun with. Default: nothing. */
  readonly allow?: readonly string[];
  /** Teachers of one's own; default: those of the zoo that the recipe names. */
  readonly teachers?: readonly Teacher[];
  /**
   * Stops after the step in progress, with a checkpoint. Default: SIGINT (Ctrl-C, a notebook's
   * interrupt) and SIGTERM; a second one ends the process at once.
   */
  readonly signal?: AbortSignal;
  /** Told of every step, beside `log.jsonl`; none can stop the run or hold it up. */
  readonly trackers?: readonly Tracker[];
  /** Told what is being prepared. */
  readonly onNote?: (line: string) => void;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
  /** Where checkpoints are written; tests cut it. Default: the disk. */
  readonly files?: Storage;
}

/**
 * Distils the teachers of a recipe into one student. Each turn of the loop is one update; leaving the
 * loop early saves a checkpoint, and `resume` goes on from there to the same result.
 *
 * @throws {UserError} for a folder in use, a missing image source or teacher, another recipe, teacher
 * or version than the resumed run was begun with, a full disk, or where the guard stops it (a loss or
 * gradient that is not finite, or a leap)
 *
 * @example
 * ```ts ignore
 * import { defineRecipe, distill } from "@hashigo/hashigo";
 * for await (const report of distill(defineRecipe({ ... }))) console.log(report.step, report.loss);
 * ```
 */
export async function* distill(
  recipe: Recipe,
  options: DistillOptions = {},
): AsyncGenerator<StepReport, DistillSummary> {
  const { folder = `runs/${recipe.name}`, resume = false, allow = [], onNote } = options;
  using run = await openRunFolder(folder, recipe, { resume, allow });
  if (run.abandonedBy !== undefined) {
    onNote?.(`process ${run.abandonedBy} was killed here; going on from its newest checkpoint`);
  }
  using interrupts = options.signal === undefined ? listenForInterrupts() : undefined;
  const setup = await setUpTraining(recipe, {
    ...(options.teachers === undefined ? {} : { teachers: options.teachers }),
    ...(onNote === undefined ? {} : { progress: onNote }),
  });
  const signal = options.signal ?? interrupts?.signal;
  try {
    return yield* trainIn(run, setup, { ...options, ...signal && { signal } });
  } catch (error) {
    throw explainDiskError(error, { path: folder });
  } finally {
    setup.images.close();
    if (options.teachers === undefined) setup.teachers.forEach((one) => one.dispose());
  }
}

async function* trainIn(
  run: RunFolder,
  setup: TrainingSetup,
  { now = () => performance.now(), signal, allow, files, trackers: told = [], onNote }:
    DistillOptions,
): AsyncGenerator<StepReport, DistillSummary> {
  const { recipe, plan } = setup;
  const targets = recipe.featureCache ? await cachedTargets(setup) : liveTargets(setup);
  const { layout, origin, progress: before, ...begun } = await startOrResume(
    run,
    setup,
    { fit: () => fitStandardizer(setup, targets), ...allow && { allow } },
  );
  let { state } = begun;
  let progress: RunProgress = before;
  let saved = run.resumed ? state.step : -1;
  let failed = false;
  const guard = openGuard(run.folder, { setup, layout, state: before.guard });
  let next: PreparedBatch | undefined;
  const trainer = makeTrainer(setup, layout, targets);
  const trackers = isolateTrackers(told, {
    ...onNote && { onWarning: (line) => onNote(`warning: ${line}`) },
  });
  using log = await openLog(run.log, { after: state.step });
  const sinceSaved = runningMean();
  const save = async () => {
    if (saved === state.step) return;
    log.flush();
    const tensors = await stateToHost(state, layout);
    assertFiniteState(tensors, run.folder);
    const teacherLicences = licencesOf(setup.teachers);
    await saveCheckpoint(run.folder, {
      step: state.step,
      loss: sinceSaved.take(),
      tensors,
      meta: { recipe, origin, progress, teacherLicences },
    }, { ...recipe.checkpoint, ...files && { files } });
    saved = state.step;
  };
  try {
    await assertRunSpace(run, { recipe, steps: plan.steps }, state);
    if (recipe.guard.policy === "rollback" && state.step === 0) await save();
    const timer = new StepTimer(recipe.optimization.batchSize, now);
    if (state.step < plan.steps) next = trainer.prepare(drawBatch(setup, state.step));
    while (next !== undefined && !signal?.aborted) {
      const batch: PreparedBatch = next;
      const step = trainer.step(state, batch, guard.judge);
      const drawing = now();
      const following = batch.host.step + 1;
      next = following < plan.steps ? trainer.prepare(drawBatch(setup, following)) : undefined;
      const drawn = now();
      const trained = await step;
      // The next batch was drawn while the engine worked; only what outlasted its work is waiting.
      const waited = now() - drawn < 0.5 ? drawn - drawing : 0;
      state = trained.state;
      const timing = timer.lap(waited, plan.steps - state.step);
      progress = {
        seconds: before.seconds + timing.seconds,
        loss: trained.incident === undefined ? trained.measurements.loss : progress.loss,
        guard: guard.state,
      };
      const report: StepReport = {
        step: state.step,
        steps: plan.steps,
        epoch: state.step / plan.stepsPerEpoch,
        images: state.step * recipe.optimization.batchSize,
        ...trained.measurements,
        learningRate: batch.host.scheduled.learningRate,
        standardizerWeight: batch.host.scheduled.standardizerWeight,
        ...timing,
        seconds: progress.seconds,
        ...trained.incident !== undefined && { incident: trained.incident },
      };
      log.append(report);
      trackers.track(report);
      sinceSaved.add(report.loss);
      if (state.step % recipe.checkpoint.every === 0) await save();
      yield report;
    }
    await save();
    return await finishRun(run, { setup, layout, state, progress });
  } catch (error) {
    failed = !(error instanceof GuardStop);
    throw error;
  } finally {
    try {
      if (!failed) await save();
    } finally {
      if (next !== undefined) await trainer.discard(next);
      trainer.dispose();
      tf.dispose(state.tensors);
      await trackers.close();
    }
  }
}
