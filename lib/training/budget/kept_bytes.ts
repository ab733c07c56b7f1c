/** What a run keeps on disk: features of its teachers, and of the student's frozen stages. */
import { disposeTree } from "../../engine/compiler/tree.ts";
import type { KeptBytes } from "../feature_cache/kept_features.ts";
import { openPrefix } from "../prefix.ts";
import type { TrainingSetup } from "../setup.ts";
import { freshState } from "../start.ts";
import { openTargets } from "../targets.ts";

/** Bytes of each network's features for the views that are planned; empty where nothing is kept. */
export async function keptBytes(setup: TrainingSetup): Promise<KeptBytes[]> {
  const targets = await openTargets(setup);
  const kept = [...targets.kept?.values() ?? []];
  targets.dispose();
  if (setup.student.freeze) {
    const { state, layout } = await freshState(setup);
    const prefix = await openPrefix(setup, layout, state.tensors.parameters);
    kept.push(...prefix?.kept === undefined ? [] : [prefix.kept]);
    prefix?.dispose();
    disposeTree(state.tensors);
  }
  return kept;
}
