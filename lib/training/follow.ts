/** A run at every process of a group but the leader: it computes its part, and writes nothing. */
import * as tf from "@tensorflow/tfjs";
import { GroupFinished } from "../engine/collectives/group_end.ts";
import type { ProcessGroup } from "../engine/collectives/process_group.ts";
import { studentLayout } from "../method/student.ts";
import type { Recipe } from "../recipe/options.ts";
import { stateShapeOf } from "../recipe/student_config.ts";
import { openUseMeter, type UseMeter } from "./account/use_meter.ts";
import { useArithmetic } from "./arithmetic.ts";
import { drawBatch } from "./batch.ts";
import { openPrefix } from "./prefix.ts";
import { setUpTraining, type TrainingSetup } from "./setup.ts";
import { takeStep } from "./take_step.ts";
import { openTargets } from "./targets.ts";
import { makeTrainer, type PreparedBatch } from "./trainer.ts";
import { factsOf } from "./processes/facts.ts";
import { followPlan } from "./budget/shared_budget.ts";
import { followingGuard } from "./processes/shared_guard.ts";
import { receiveState } from "./processes/shared_state.ts";
import { shareStopped } from "./processes/shared_stops.ts";
import { toldEvery, useOfOthers } from "./processes/shared_use.ts";
import { openSharding } from "./processes/sharding.ts";
import { type FollowOptions, followStages } from "./stages/follow_stages.ts";

/**
 * Takes part in a distillation that another process leads, until that ends it.
 *
 * @throws {UserError} where the group ends before its work is done, naming who is missing
 */
export async function followDistillation(
  recipe: Recipe,
  group: ProcessGroup,
  options: FollowOptions = {},
): Promise<void> {
  try {
    if (recipe.stages === undefined) await followRun(recipe, group, options);
    else await followStages(recipe, group, { ...options, followRun });
    await group.untilEnd();
  } catch (error) {
    if (error instanceof GroupFinished) return;
    await group.fail(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** A recipe without stages, or one stage. */
async function followRun(
  recipe: Recipe,
  group: ProcessGroup,
  options: FollowOptions,
): Promise<void> {
  const meter = await openUseMeter({ now: () => performance.now() });
  using _arithmetic = await useArithmetic(recipe);
  const setup = { ...await setUpTraining(recipe, options), part: group };
  try {
    await group.start(await factsOf(setup));
    await followSteps(await followPlan(setup, group), group, meter);
  } finally {
    setup.images.close();
    if (options.teachers === undefined) setup.teachers.forEach((teacher) => teacher.dispose());
  }
}

async function followSteps(
  setup: TrainingSetup,
  group: ProcessGroup,
  meter: UseMeter,
): Promise<void> {
  const { recipe, plan, student } = setup, layout = studentLayout(student);
  const sharding = recipe.optimization.sharded ? openSharding(group, layout) : undefined;
  const shape = stateShapeOf(recipe, student.ladder.teachers);
  const received = await receiveState(group, layout, shape, sharding?.keep);
  let { state } = received;
  const prefix = await openPrefix(setup, layout, state.tensors.parameters);
  const trainer = makeTrainer(setup, layout, await openTargets(setup), prefix, group);
  const guard = followingGuard(recipe.guard, received.guard, { group, sharding, layout, shape });
  const names = student.ladder.teachers.map(({ name }) => name);
  const rule = setup.heldOut && recipe.balancing.stop;
  let stopped = rule && await shareStopped(group, names);
  const prepare = (step: number) =>
    step < plan.steps ? trainer.prepare(drawBatch(setup, step), stopped) : undefined;
  const tellUse = async () => void await useOfOthers(group, await meter.measure());
  let next: PreparedBatch | undefined = prepare(state.step);
  try {
    while (next !== undefined) {
      const stepping = takeStep({ trainer, guard, sharding, stopped }, state, next);
      // Should the drawing fail, the step's own error must not end the process.
      stepping.catch(() => {});
      next = prepare(next.host.step + 1);
      state = (await stepping).state;
      if (rule && state.step % rule.every === 0) stopped = await shareStopped(group, names);
      if (next === undefined || state.step % toldEvery === 0) await tellUse();
      await meter.keepUp();
    }
    // The leader may ask for the state until it has saved the last.
    await sharding?.goOn(state);
  } finally {
    if (next !== undefined) await trainer.discard(next);
    trainer.dispose();
    tf.dispose(state.tensors);
  }
}
