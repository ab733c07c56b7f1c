/** A run at the process that leads a group: the others end when it does. */
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { StepReport } from "../../runs/step_report.ts";
import type { DistillSummary } from "../finish.ts";
import { checkProcesses } from "./check_processes.ts";

/**
 * Runs what a group shares, and ends the group with it: where it throws, all hear why.
 *
 * @throws {UserError} where the processes cannot share the recipe
 */
export async function* leadGroup(
  group: ProcessGroup,
  recipe: Recipe,
  run: () => AsyncGenerator<StepReport, DistillSummary>,
): AsyncGenerator<StepReport, DistillSummary> {
  try {
    checkProcesses(recipe, group.size);
    return yield* run();
  } catch (error) {
    await group.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    await group.finish();
  }
}
