/**
 * Checkpoints that are whole or invisible. A state is written to `step-000100.partial`, flushed,
 * described by a manifest of sizes and SHA-256, and only then renamed; a process that is killed at
 * any moment leaves the newest whole one to be found.
 *
 * @module
 */
import { UserError } from "../user_error.ts";
import { encodeSafetensors } from "../weights/safetensors.ts";
import { type CheckpointFiles, diskFiles } from "./checkpoint_files.ts";
import { listCheckpoints, readCheckpoint, verifyCheckpoint } from "./checkpoint_reader.ts";
import { describeFiles } from "./checkpoint_manifest.ts";
import { assertSpace } from "./free_space.ts";
import { stateDigest, type StateTensor } from "./state_digest.ts";

/** What a run needs to go on. */
export interface CheckpointState {
  /** Updates done. */
  readonly step: number;
  /** Every tensor of the state by name. */
  readonly tensors: ReadonlyMap<string, StateTensor>;
  /** Everything else, as JSON. */
  readonly meta: { readonly [key: string]: unknown };
}

/** A state that was read back. */
export interface Checkpoint extends CheckpointState {
  /** Where it lies. */
  readonly folder: string;
  /** {@linkcode stateDigest} of the tensors. */
  readonly stateDigest: string;
}

/**
 * Writes a checkpoint to `checkpoints/` of a run, reads its digests back, and only then removes
 * older ones. The file `checkpoints/latest` names the newest, for people and scripts.
 *
 * @returns the folder of the checkpoint.
 * @throws {UserError} where the disk is full or may not be written; nothing is left half-written.
 *
 * @example
 * ```ts
 * import { loadLatestCheckpoint, saveCheckpoint } from "@hashigo/hashigo";
 * const run = await Deno.makeTempDir();
 * const tensors = new Map([["bias", { shape: [2], data: Float32Array.of(1, 2) }]]);
 * await saveCheckpoint(run, { step: 100, tensors, meta: { seed: 0 } });
 * const found = await loadLatestCheckpoint(run);
 * if (found?.step !== 100 || found.meta.seed !== 0) throw new Error("Not what was saved");
 * await Deno.remove(run, { recursive: true });
 * ```
 */
export async function saveCheckpoint(
  runFolder: string,
  state: CheckpointState,
  options: {
    /** Newest checkpoints that stay. Default 2. */
    readonly keep?: number;
    /** Where to write; tests cut it. Default: the disk. */
    readonly files?: CheckpointFiles;
    /** Asked before anything is written. Default {@linkcode assertSpace}. */
    readonly space?: (bytes: number, folder: string) => Promise<void>;
  } = {},
): Promise<string> {
  const { keep = 2, files = diskFiles, space = assertSpace } = options;
  const parent = `${runFolder}/checkpoints`;
  const name = `step-${String(state.step).padStart(6, "0")}`;
  const [folder, partial] = [`${parent}/${name}`, `${parent}/${name}.partial`];

  const weights = encodeSafetensors(state.tensors);
  await files.makeFolder(parent);
  await space(weights.byteLength, parent);
  await files.remove(partial);
  try {
    await files.makeFolder(partial);
    const content = {
      "state.safetensors": weights,
      "meta.json": JSON.stringify(state.meta, null, 2) + "\n",
    };
    for (const [file, bytes] of Object.entries(content)) {
      await files.write(`${partial}/${file}`, bytes);
    }
    const manifest = {
      format: 1,
      step: state.step,
      stateDigest: stateDigest(state.tensors),
      files: describeFiles(content),
    };
    await files.write(`${partial}/manifest.json`, JSON.stringify(manifest, null, 2) + "\n");
    await files.flushFolder(partial);
  } catch (error) {
    await files.remove(partial);
    throw error;
  }
  await putInPlace(partial, folder, files);
  await files.flushFolder(parent);

  const problem = await verifyCheckpoint(folder);
  if (problem !== undefined) {
    throw new UserError(
      `Cannot save checkpoint "${folder}": read back, ${problem}. The disk may be failing; ` +
        "older checkpoints were kept. Choose another disk.",
    );
  }
  await files.write(`${parent}/latest`, `${name}\n`);
  await removeOld(parent, keep, files);
  return folder;
}

/** A step that is saved again (a run that went back to an older state) replaces what is there. */
async function putInPlace(partial: string, folder: string, files: CheckpointFiles): Promise<void> {
  const aside = `${folder}.replaced.partial`;
  if (await exists(folder)) {
    await files.remove(aside);
    await files.rename(folder, aside);
  }
  await files.rename(partial, folder);
  await files.remove(aside);
}

async function removeOld(parent: string, keep: number, files: CheckpointFiles): Promise<void> {
  for (const { folder } of (await listCheckpoints(parent)).slice(keep)) {
    // Renamed first: a half-removed checkpoint must not look like one.
    await files.remove(`${folder}.removed.partial`);
    await files.rename(folder, `${folder}.removed.partial`);
  }
  for await (const entry of Deno.readDir(parent)) {
    if (entry.name.endsWith(".partial")) await files.remove(`${parent}/${entry.name}`);
  }
}

/**
 * Reads the newest checkpoint of a run whose every digest holds.
 *
 * @returns undefined where the run has no checkpoint yet.
 * @throws {UserError} where there are checkpoints and none of them holds.
 *
 * @example
 * ```ts
 * import { loadLatestCheckpoint } from "@hashigo/hashigo";
 * const run = await Deno.makeTempDir();
 * if (await loadLatestCheckpoint(run) !== undefined) throw new Error("An empty run has none");
 * await Deno.remove(run);
 * ```
 */
export async function loadLatestCheckpoint(
  runFolder: string,
  options: {
    /** Told of checkpoints that are passed over. Default: standard error. */
    readonly onWarning?: (line: string) => void;
  } = {},
): Promise<Checkpoint | undefined> {
  const { onWarning = (line: string) => console.error(line) } = options;
  const candidates = await listCheckpoints(`${runFolder}/checkpoints`);
  for (const { folder } of candidates) {
    const found = await readCheckpoint(folder);
    if (typeof found !== "string") return found;
    onWarning(`warning: passing over checkpoint "${folder}": ${found}`);
  }
  if (candidates.length === 0) return undefined;
  throw new UserError(
    `Cannot resume "${runFolder}": none of its ${candidates.length} checkpoints can be read (see ` +
      "the warnings above). Start again in another folder, or bring back a copy of checkpoints/.",
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
