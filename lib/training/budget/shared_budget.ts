/** A budget of minutes at all processes of a group: they measure the first steps together, and the leader plans. */
import { z } from "zod";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { UserError } from "../../errors/user_error.ts";
import { cacheFolder } from "../../io/user_cache.ts";
import { portablePlan, type RunPlan, runPlanSchema } from "../../runs/run_plan.ts";
import { followMeasuring, measureSteps } from "./measure_steps.ts";
import { type TrainingSetup, withPlan } from "../setup.ts";

/** What the leader says: that steps are measured now, or what it planned. */
const wordSchema = z.union([
  z.object({ measuring: z.literal(true) }),
  z.object({ plan: runPlanSchema }),
]);

/** Steps that the leader measures and all others take with it. */
export function leadingMeasure(group: ProcessGroup): typeof measureSteps {
  return async (setup, measuring) => {
    await group.say({ measuring: true });
    return await measureSteps(setup, measuring, group);
  };
}

/** Tells all others the plan of the leader, whether it measured or had one. */
export async function sharePlan(group: Pick<ProcessGroup, "say">, plan: RunPlan): Promise<void> {
  await group.say({ plan: portablePlan(plan) });
}

/**
 * The setup of a process that follows, with the plan of its leader: as it is without a budget.
 *
 * @throws {UserError} where the leader says something else
 */
export async function followPlan(
  setup: TrainingSetup,
  group: ProcessGroup,
): Promise<TrainingSetup> {
  if (setup.recipe.budget === undefined) return setup;
  const hear = async () => wordSchema.safeParse(await group.say(undefined)).data;
  let word = await hear();
  if (word !== undefined && "measuring" in word) {
    await followMeasuring(
      setup,
      group,
      `${cacheFolder("features")}/measuring_${Deno.pid}_${group.rank}.partial`,
    );
    word = await hear();
  }
  if (word === undefined || !("plan" in word)) {
    throw new UserError(
      "Cannot take the plan of the group's leader: found none, expected steps and minutes. Start all processes " +
        "with the same version of the package",
    );
  }
  return withPlan(setup, word.plan);
}
