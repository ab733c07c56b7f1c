/**
 * Checkpoints that are whole or invisible. A state is written to `step-000100.partial`, flushed,
 * described by a manifest of sizes and SHA-256, and only then renamed; a process that is killed at
 * any moment leaves the newest whole one to be found.
 *
 * @module
 */
import { explainDiskError } from "../../io/disk_error.ts";
import { UserError } from "../../errors/user_error.ts";
import { safetensorsParts } from "../../weights/safetensors/safetensors.ts";
import { diskFiles, type Storage } from "../../io/storage.ts";
import { listCheckpoints, readCheckpoint, verifyCheckpoint } from "./read.ts";
import type { Checkpoint, CheckpointState } from "./manifest.ts";
import type { CheckpointRetention } from "./retention.ts";
import { putInPlace, removeExpired, writeAside, writeLatest } from "./write.ts";
import { assertSpace } from "../../io/disk_space.ts";

/** How a checkpoint is saved. */
export interface SaveCheckpointOptions extends CheckpointRetention {
  /** Where to write, which tests interrupt. Default: the disk. */
  readonly files?: Storage | undefined;
  /** Refuses a write that would fill the disk. Default {@linkcode assertSpace}. */
  readonly space?: ((bytes: number, folder: string) => Promise<void>) | undefined;
}

/**
 * Writes a checkpoint to `checkpoints/` of a run, reads its digests back, and only then removes
 * those that need not stay. The file `checkpoints/latest` names the newest, for people and scripts.
 *
 * @returns the folder of the checkpoint.
 * @throws {UserError} where the disk is full or may not be written; nothing is left half-written.
 *
 * @example
 * ```ts
 * import { loadLatestCheckpoint, saveCheckpoint } from "./checkpoint.ts";
 * const run = await Deno.makeTempDir();
 * const tensors = new Map([["bias", { shape: [2], data: Float32Array.of(1, 2) }]]);
 * await saveCheckpoint(run, { step: 100, tensors, meta: { seed: 0 } });
 * const checkpoint = await loadLatestCheckpoint(run);
 * if (checkpoint?.step !== 100 || checkpoint.meta.seed !== 0) throw new Error("Not what was saved");
 * await Deno.remove(run, { recursive: true });
 * ```
 */
export async function saveCheckpoint(
  runFolder: string,
  state: CheckpointState,
  options: SaveCheckpointOptions = {},
): Promise<string> {
  const { files = diskFiles, space = assertSpace, ...retention } = options;
  const parent = `${runFolder}/checkpoints`;
  const name = `step-${String(state.step).padStart(6, "0")}`;
  const [folder, partial] = [`${parent}/${name}`, `${parent}/${name}.partial`];
  // Not joined: the state would be in memory twice.
  const parts = safetensorsParts(state.tensors);
  const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const content = {
    "state.safetensors": parts,
    "meta.json": JSON.stringify(state.meta, null, 2) + "\n",
  };
  try {
    await files.makeFolder(parent);
    await space(size, parent);
    await files.remove(partial);
    await writeAside(partial, state, content, files);
    await putInPlace(partial, folder, files);
    await files.flushFolder(parent);
    const problem = await verifyCheckpoint(folder);
    if (problem !== undefined) throw misreadError(folder, problem);
    await writeLatest(name, parent, files);
    await removeExpired(parent, retention, files);
  } catch (error) {
    await files.remove(partial);
    throw explainUnsaved(explainDiskError(error, { path: folder }), size);
  }
  return folder;
}

/** Adds the size of the checkpoint and what is safe, where the user can mend what failed. */
function explainUnsaved(error: unknown, bytes: number): unknown {
  if (!(error instanceof UserError)) return error;
  return new UserError(
    `${error.message.replace(/\.?$/, ".")} The checkpoint takes ${(bytes / 1e6).toFixed(1)} MB; ` +
      "those before it are whole: go on from them with --resume.",
    { cause: error },
  );
}

function misreadError(folder: string, problem: string): UserError {
  return new UserError(
    `Cannot save checkpoint "${folder}": read back, ${problem}. The disk may be failing: ` +
      "choose another one.",
  );
}

/**
 * Reads the newest checkpoint of a run whose every digest holds.
 *
 * @returns undefined where the run has no checkpoint yet.
 * @throws {UserError} where there are checkpoints and none of them holds.
 *
 * @example
 * ```ts
 * import { loadLatestCheckpoint } from "./checkpoint.ts";
 * const run = await Deno.makeTempDir();
 * if (await loadLatestCheckpoint(run) !== undefined) throw new Error("An empty run has none");
 * await Deno.remove(run);
 * ```
 */
export async function loadLatestCheckpoint(
  runFolder: string,
  options: {
    /** Gets a line about every checkpoint that is passed over. Default: standard error. */
    readonly onWarning?: ((line: string) => void) | undefined;
  } = {},
): Promise<Checkpoint | undefined> {
  const { onWarning = (line: string) => console.error(line) } = options;
  const candidates = await listCheckpoints(`${runFolder}/checkpoints`);
  for (const { folder } of candidates) {
    const checkpoint = await readCheckpoint(folder);
    if (typeof checkpoint !== "string") return checkpoint;
    onWarning(`warning: passing over checkpoint "${folder}": ${checkpoint}`);
  }
  if (candidates.length === 0) return undefined;
  throw new UserError(
    `Cannot resume "${runFolder}": none of its ${candidates.length} checkpoints can be read (see ` +
      "the warnings above). Start again in another folder, or bring back a copy of checkpoints/.",
  );
}
