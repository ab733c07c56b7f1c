/** The arithmetic of a whole run. */
import * as tf from "@tensorflow/tfjs";
import type { RunFlop } from "../../metrics/costs/account.ts";
import { countOperations } from "../../metrics/costs/operations.ts";
import { operationsOfSteps, sizesAhead } from "../forecast/run_operations.ts";
import type { TrainingSetup } from "../setup.ts";

/**
 * Counts the operations of a run's updates, from shapes: what is fitted and measured before them is left out. With
 * a feature cache teachers count each view once, as if nothing had been kept before.
 *
 * @param stopped updates after which teachers counted no more, by name
 */
export async function runFlop(
  setup: TrainingSetup,
  stopped: { readonly [teacher: string]: number } = {},
): Promise<RunFlop> {
  const { recipe, plan, images, teachers } = setup, { size } = recipe.images;
  const once = recipe.featureCache ? (plan.views ?? 1) * images.count : Infinity;
  let ofTeachers = 0;
  for (const teacher of teachers) {
    const seen = (stopped[teacher.name] ?? plan.steps) * recipe.optimization.batchSize;
    const ofView = await countOperations(() => teacher.features(tf.zeros([1, size, size, 3])));
    ofTeachers += ofView * Math.min(seen, once);
  }
  return { student: operationsOfSteps(setup, sizesAhead(setup, plan.steps)), teachers: ofTeachers };
}
