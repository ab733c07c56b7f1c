/** Statistics by which a run standardises its teachers' features, in a few numbers for people. */
import { openCheckpoint } from "../weights/checkpoint_file.ts";
import { listCheckpoints } from "./checkpoint/read.ts";
import { runPaths } from "./run_folder.ts";

/** Statistics of one teacher's tokens of one type. */
export interface TargetStatistics {
  /** Name of the teacher. */
  readonly teacher: string;
  /** "cls" or "patch". */
  readonly token: string;
  /** Numbers per token. */
  readonly width: number;
  /** Principal axes that the student learns of them, and the share of the variance along these, 0 to 1. */
  readonly axes?: { readonly count: number; readonly kept: number };
  /** L2 norm of the mean over tokens. */
  readonly meanNorm: number;
  /** Smallest, median and largest deviation among the features. */
  readonly deviation: readonly [smallest: number, median: number, largest: number];
}

/**
 * Statistics of the newest checkpoint of a run; none where there is no checkpoint. Only the statistics
 * are read, however large the state is.
 *
 * @throws {UserError} where the state of the checkpoint cannot be read.
 *
 * @example
 * ```ts
 * import { readTargetStatistics } from "./target_statistics.ts";
 * if ((await readTargetStatistics("runs/absent")).length > 0) throw new Error("There is no run");
 * ```
 */
export async function readTargetStatistics(run: string): Promise<TargetStatistics[]> {
  const [newest] = await listCheckpoints(runPaths(run).checkpoints);
  if (newest === undefined) return [];
  using file = await openCheckpoint(`${newest.folder}/state.safetensors`);
  return [...file.tensors.keys()].flatMap((name) => {
    const [, teacher, token] = /^statistics\.(.+)\.(cls|patch)\.mean$/.exec(name) ?? [];
    if (teacher === undefined || token === undefined) return [];
    const mean = file.read(name);
    const std = file.read(`statistics.${teacher}.${token}.std`).toSorted();
    const axes = file.tensors.get(`statistics.${teacher}.${token}.axes`);
    const kept = axes && file.read(`statistics.${teacher}.${token}.kept`)[0];
    const at = (share: number) => std[Math.round(share * (std.length - 1))] ?? NaN;
    return [{
      teacher,
      token,
      width: mean.length,
      ...axes && kept !== undefined && { axes: { count: axes.shape[1] ?? 0, kept } },
      meanNorm: Math.hypot(...mean),
      deviation: [at(0), at(0.5), at(1)] as const,
    }];
  });
}
