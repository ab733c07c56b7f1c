/** Whether the disk has room for a whole run, checked before its first update. */
import type { CheckpointRetention } from "./checkpoint/retention.ts";
import { listCheckpoints } from "./checkpoint/read.ts";
import { assertSpace } from "../io/disk_space.ts";
import type { Recipe } from "../recipe/options.ts";
import type { RunPaths } from "./run_folder.ts";
import type { DistillState } from "../method/state.ts";

/**
 * Refuses a run whose checkpoints would fill the disk: as many as lie there at once, at most, less
 * those that lie there already.
 *
 * @throws {UserError} with the space that is needed and that is free
 */
export async function assertRunSpace(
  run: Pick<RunPaths, "folder" | "checkpoints">,
  { recipe, steps }: { readonly recipe: Pick<Recipe, "checkpoint">; readonly steps: number },
  state: DistillState,
  assert: typeof assertSpace = assertSpace,
): Promise<void> {
  // Parameters and their two moments; statistics are small beside them, and every save checks again.
  const numbers = 3 * state.tensors.parameters.size;
  const { every } = recipe.checkpoint;
  const atOnce = checkpointsAtMost(recipe.checkpoint, { steps, every });
  const present = (await listCheckpoints(run.checkpoints)).length;
  await assert(4 * numbers * Math.max(1, atOnce - present), run.folder);
}

/** How many checkpoints lie on the disk at once, at most: those that stay, and the one in writing. */
export function checkpointsAtMost(
  { keep = 2, keepBest = 0, keepEvery }: CheckpointRetention,
  saves: { readonly steps: number; readonly every: number },
): number {
  const periodic = keepEvery === undefined ? 0 : Math.floor(saves.steps / keepEvery);
  const inAll = Math.ceil(saves.steps / saves.every);
  return Math.min(keep + keepBest + periodic, inAll) + 1;
}
