/** The training loop as an async iterator: `for await (const report of distill(recipe))`. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../engine/backend.ts";
import { GroupFailure } from "../engine/collectives/group_end.ts";
import { explainDiskError } from "../io/disk_error.ts";
import { listenForInterrupts } from "../process/interrupts.ts";
import { type DistillState, stateToHost } from "../method/state.ts";
import type { Recipe } from "../recipe/options.ts";
import { assertRunSpace } from "../runs/disk_budget.ts";
import { openRunFolder, type RunFolder } from "../runs/run_folder.ts";
import { removeUnbegunRun } from "../runs/unbegun_run.ts";
import { openLog } from "../runs/step_log.ts";
import type { StepReport } from "../runs/step_report.ts";
import { isolateTrackers } from "../tracking/trackers.ts";
import { type AccountRates, addUse, noUse } from "../metrics/costs/account.ts";
import { accountRates } from "./account/rates.ts";
import { openUseMeter, type UseMeter } from "./account/use_meter.ts";
import { useArithmetic } from "./arithmetic.ts";
import { drawBatch } from "./batch.ts";
import { planBudget } from "./budget/plan_budget.ts";
import { checkTraining } from "./check_training.ts";
import type { DistillOptions, RunOptions } from "./distill_options.ts";
import { forecastRun } from "./forecast/forecast.ts";
import { type DistillSummary, finishRun } from "./finish.ts";
import { fitLadderInputs } from "./fit_ladder_inputs.ts";
import { resolutionLine } from "./resolution.ts";
import { stateLine } from "./memory/state_bytes.ts";
import { openPrefix } from "./prefix.ts";
import { fitStandardizer } from "./fit_standardizer.ts";
import { openGuard } from "./guard/guard.ts";
import { explainLostGroup, factsOf } from "./processes/facts.ts";
import { leadGroup } from "./processes/lead.ts";
import { leadingMeasure, sharePlan } from "./budget/shared_budget.ts";
import { leadingGuard } from "./processes/shared_guard.ts";
import { shareState } from "./processes/shared_state.ts";
import { leadingWatch } from "./processes/shared_stops.ts";
import { toldEvery, useOfOthers } from "./processes/shared_use.ts";
import { keepSlices, openSharding } from "./processes/sharding.ts";
import { reportStep } from "./report.ts";
import { RunStop } from "./run_stop.ts";
import { makeSaver } from "./saver.ts";
import { setUpTraining, type TrainingSetup } from "./setup.ts";
import { startOrResume } from "./start.ts";
import { openSource } from "./source/warm_start.ts";
import { distillStages } from "./stages/distill_stages.ts";
import { StepTimer } from "./step_timer.ts";
import { takeStep } from "./take_step.ts";
import { stoppingLine } from "./teacher_stop/words.ts";
import { openTeacherWatch } from "./teacher_stop/watch.ts";
import { openTargets } from "./targets.ts";
import { makeTrainer, type PreparedBatch } from "./trainer.ts";

/**
 * Distils the teachers of a recipe into one student. Each turn of the loop is one update; leaving the
 * loop early saves a checkpoint, and `resume` goes on from there to the same result. Of a recipe with stages
 * each is a run, the last in the folder itself and those before it inside; see docs/stages.md.
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
  const { group } = options;
  const run = () =>
    recipe.stages === undefined
      ? distillRun(recipe, options)
      : distillStages(recipe, options, distillRun);
  return yield* group === undefined ? run() : leadGroup(group, recipe, run);
}

async function* distillRun(
  recipe: Recipe,
  options: RunOptions,
): AsyncGenerator<StepReport, DistillSummary> {
  const { folder = `runs/${recipe.name}`, resume, allow, whole, teachers } = options;
  const { group, onNote, onWork, now = () => performance.now() } = options;
  const rates = accountRates(options.account);
  const meter = await openUseMeter({ now });
  // A resumed run has its weights.
  await checkTraining(recipe, {
    ...{ openTeachers: teachers === undefined, openSource: !resume },
    processes: group?.size,
  });
  const existed = await Deno.stat(folder).then(() => true, () => false);
  using run = await openRunFolder(folder, recipe, { resume, allow, whole });
  if (run.abandonedBy !== undefined) {
    onNote?.(`process ${run.abandonedBy} was killed here; going on from its newest checkpoint`);
  }
  using interrupts = options.signal === undefined ? listenForInterrupts() : undefined;
  using _arithmetic = await useArithmetic(recipe);
  const open = async () => {
    // A resumed run has its weights.
    const source = run.resumed ? undefined : await openSource(recipe, onNote);
    try {
      const setup = await setUpTraining(recipe, { teachers, onNote, onWork });
      return { ...setup, source, features: options.features, headsFrom: options.headsFrom };
    } catch (error) {
      source?.dispose();
      throw error;
    }
  };
  const takeBack = async (error: unknown) => {
    await removeUnbegunRun(run, { existed });
    throw error;
  };
  const setup = await open().catch(takeBack);
  try {
    await group?.start(await factsOf(setup)).catch(takeBack);
    const planned = await planBudget(run, setup, {
      given: options.plan,
      ...{ now, onNote },
      onMeasuring: () => onWork?.({ stage: "measuring the first steps…" }),
      measure: group && leadingMeasure(group),
    }).catch(takeBack);
    if (group && planned.budget) await sharePlan(group, planned.budget);
    const signal = options.signal ?? interrupts?.signal;
    return yield* train(run, planned, { ...options, now, signal, meter, rates });
  } catch (error) {
    throw explainDiskError(error, { path: folder });
  } finally {
    setup.images.close();
    setup.source?.dispose();
    if (teachers === undefined) setup.teachers.forEach((teacher) => teacher.dispose());
  }
}

async function* train(
  run: RunFolder,
  setup: TrainingSetup,
  options: RunOptions & {
    readonly now: () => number;
    readonly meter: UseMeter;
    readonly rates: AccountRates;
  },
): AsyncGenerator<StepReport, DistillSummary> {
  const { signal, allow, files, group, onNote, onWork, now, meter, rates } = options;
  const { recipe, plan } = setup;
  const begun = now();
  const targets = await openTargets(setup);
  const fit = () => fitStandardizer(setup, targets, onNote);
  const start = await startOrResume(run, setup, { fit, allow, onWork });
  // What was read and drawn lies on the engine now; the first step is about to need as much again.
  (await startEngine()).returnFreedMemory();
  const { layout } = start;
  let { state } = start;
  const prefix = await openPrefix(setup, layout, state.tensors.parameters);
  if (!start.restored) {
    const { parameters, ...rest } = state.tensors;
    const fitted = await fitLadderInputs(setup, layout, { parameters, prefix });
    state = { ...state, tensors: { ...rest, parameters: fitted } };
  }
  // The minutes of a budget begin with the measuring; else only steps count.
  const secondsBefore = setup.budget === undefined || start.restored
    ? start.progress.seconds
    : setup.budget.measuringSeconds + (now() - begun) / 1000;
  let progress = { ...start.progress, seconds: secondsBefore };
  const { sharded = false } = recipe.optimization;
  const sharding = group && sharded ? openSharding(group, layout) : undefined;
  const toHost = sharding?.toHost ?? ((of: DistillState) => stateToHost(of, layout));
  const own = openGuard(run.folder, {
    ...{ setup, layout, toHost, state: progress.guard },
    gradientLayout: sharding?.layout,
  });
  const guard = group === undefined ? own : leadingGuard(own, { group, sharding });
  const trainer = makeTrainer(setup, layout, targets, prefix, group);
  if (group !== undefined) {
    onNote?.(stateLine(layout, { processes: group.size, sharded }));
    await shareState(group, state, { guard: progress.guard });
    if (sharding !== undefined) state = keepSlices(state, sharding);
  }
  const alone = await openTeacherWatch(setup, {
    ...{ layout, parameters: state.tensors.parameters },
    state: progress.teachers,
  });
  const names = setup.student.ladder.teachers.map(({ name }) => name);
  const watch = alone && group ? await leadingWatch(alone, group, names) : alone;
  const trackers = isolateTrackers(options.trackers ?? [], {
    onWarning: (line) => onNote?.(`warning: ${line}`),
  });
  using log = await openLog(run.log, { after: state.step });
  const saver = makeSaver(run, setup, { start, log, files, toHost });
  let ofOthers = noUse;
  const askOthers = async () => {
    if (group !== undefined) ofOthers = await useOfOthers(group, await meter.measure());
  };
  const save = async () => {
    const { use: before } = start.progress;
    const measured = addUse(await meter.measure(), ofOthers);
    progress = { ...progress, use: before && addUse(before, measured) };
    await saver.save(state, progress);
  };
  const seen = group === undefined ? setup : { ...setup, part: group };
  const prepare = (step: number) =>
    step < plan.steps ? trainer.prepare(drawBatch(seen, step), watch?.stopped) : undefined;
  let next: PreparedBatch | undefined;
  let failed = false;
  try {
    await assertRunSpace(run, { recipe, steps: plan.steps }, state);
    if (recipe.guard.policy === "rollback" && state.step === 0) await save();
    if (options.onForecast !== undefined && state.step < plan.steps) {
      onWork?.({ stage: "forecasting…" });
      const stepsLeft = plan.steps - state.step;
      await options.onForecast(await forecastRun(setup, { targets, stepsLeft, now }));
    }
    const timer = new StepTimer(recipe.optimization.batchSize, now);
    if (recipe.mode !== "eager") onWork?.({ stage: "compiling…" });
    next = prepare(state.step);
    while (next !== undefined && !signal?.aborted) {
      const stepping = takeStep(
        { trainer, guard, sharding, stopped: watch?.stopped },
        state,
        next,
      );
      const drawing = now();
      next = prepare(next.host.step + 1);
      const drawn = now();
      const { state: newState, ...step } = await stepping;
      // The next batch was drawn while the engine worked; only what outlasted its work is waiting.
      const waited = now() - drawn < 0.5 ? drawn - drawing : 0;
      state = newState;
      const heldOut = watch?.isDue(state.step) ? await watch.measure(state) : undefined;
      for (const name of heldOut?.stopping ?? []) onNote?.(stoppingLine(name, state.step));
      const rising = resolutionLine(setup, state.step);
      if (rising !== undefined) onNote?.(rising);
      const timing = timer.lap(waited, plan.steps - state.step);
      progress = {
        seconds: secondsBefore + timing.seconds,
        loss: step.incident === undefined ? step.measurements.loss : progress.loss,
        guard: guard.state,
        teachers: watch?.state ?? {},
      };
      const report = reportStep(setup, { ...step, heldOut }, {
        ...timing,
        seconds: progress.seconds,
      });
      log.append(report);
      trackers.track(report);
      if (step.undone) saver.forgetLosses();
      if (step.incident === undefined) saver.addLoss(report.loss);
      // Before a checkpoint, for which sharded processes wait after their last step.
      if (next === undefined || state.step % toldEvery === 0) await askOthers();
      if (state.step % recipe.checkpoint.every === 0) await save();
      await meter.keepUp();
      yield report;
    }
    await save();
    const { notMetered } = meter;
    return await finishRun(run, { setup, start, state, toHost, progress, rates, notMetered });
  } catch (error) {
    // A lost process has moments that nobody else has.
    failed = error instanceof GroupFailure ? sharded : !(error instanceof RunStop);
    throw explainLostGroup(error, run.folder, sharded);
  } finally {
    try {
      if (!failed) await save();
      // A sharded process waits after its last step for what the leader wants of it.
      if (!failed && next === undefined) await sharding?.goOn(state);
    } finally {
      if (next !== undefined) await trainer.discard(next);
      trainer.dispose();
      watch?.dispose();
      tf.dispose(state.tensors);
      await trackers.close();
    }
  }
}
