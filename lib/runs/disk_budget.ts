/** Whether the disk has room for a whole run, asked before its first update. */
import { checkpointsAtMost } from "./checkpoint/retention.ts";
import { listCheckpoints } from "./checkpoint/read.ts";
import { assertSpace } from "../io/disk_space.ts";
import type { Recipe } from "../recipe/options.ts";
import type { RunPaths } from "./run_folder.ts";
import type { DistillState } from "../method/state.ts";

/**
 * Refuses a run whose checkpoints would fill the disk: as many as lie there at once, at most, less
 * those that are there already.
 *
 * @throws {UserError} with what is needed and what is there
 */
export async function assertRunSpace(
  run: Pick<RunPaths, "folder" | "checkpoints">,
  { recipe, steps }: { readonly recipe: Pick<Recipe, "checkpoint">; readonly steps: number },
  state: DistillState,
  assert: typeof assertSpace = assertSpace,
): Promise<void> {
  // Parameters and their two moments; statistics are small beside them, and every save asks again.
  const numbers = 3 * state.tensors.parameters.size;
  const { every } = recipe.checkpoint;
  const atOnce = checkpointsAtMost(recipe.checkpoint, { steps, every });
  const there = (await listCheckpoints(run.checkpoints)).length;
  await assert(4 * numbers * Math.max(1, atOnce - there), run.folder);
}
