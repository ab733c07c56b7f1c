/** The parts of saving a checkpoint, each a few changes to the disk that may be cut anywhere. */
import type { FileContent, Storage } from "../../io/storage.ts";
import { type CheckpointState, digestFiles, type Manifest } from "./manifest.ts";
import { listCheckpointsWithLosses } from "./read.ts";
import { type CheckpointRetention, retainedCheckpoints } from "./retention.ts";
import { stateDigest } from "../../method/state_digest.ts";

/** Writes a whole checkpoint under a name that no reader looks for. */
export async function writeAside(
  partial: string,
  { step, tensors, loss }: CheckpointState,
  content: { readonly [file: string]: FileContent },
  files: Storage,
): Promise<void> {
  const manifest: Manifest = {
    format: 1,
    step,
    stateDigest: stateDigest(tensors),
    loss: Number.isFinite(loss) ? loss : undefined,
    files: digestFiles(content),
  };
  await files.makeFolder(partial);
  const all = { ...content, "manifest.json": JSON.stringify(manifest, null, 2) + "\n" };
  for (const [file, bytes] of Object.entries(all)) {
    await files.write(`${partial}/${file}`, bytes);
    // Without this, a power cut after the rename could leave a whole name on empty files.
    await files.flushFile(`${partial}/${file}`);
  }
  await files.flushFolder(partial);
}

/**
 * Gives a checkpoint its name. A step that is saved again, by a run that went back to an older state,
 * replaces the checkpoint of that name.
 */
export async function putInPlace(
  partial: string,
  folder: string,
  files: Storage,
): Promise<void> {
  const aside = `${folder}.replaced.partial`;
  if (await exists(folder)) {
    await files.remove(aside);
    await files.rename(folder, aside);
  }
  await files.rename(partial, folder);
  await files.remove(aside);
}

/** Writes the name of a verified checkpoint to `latest`. */
export async function writeLatest(name: string, parent: string, files: Storage): Promise<void> {
  const partial = `${parent}/latest.partial`;
  await files.write(partial, `${name}\n`);
  await files.flushFile(partial);
  await files.rename(partial, `${parent}/latest`);
  await files.flushFolder(parent);
}

/** Removes the checkpoints that need not stay, and the leftovers of killed processes. */
export async function removeExpired(
  parent: string,
  retention: CheckpointRetention,
  files: Storage,
): Promise<void> {
  const checkpoints = await listCheckpointsWithLosses(parent);
  const stay = retainedCheckpoints(checkpoints, retention);
  for (const { folder } of checkpoints.filter(({ step }) => !stay.has(step))) {
    // Renamed first: a half-removed checkpoint must not look like one.
    await files.remove(`${folder}.removed.partial`);
    await files.rename(folder, `${folder}.removed.partial`);
  }
  for await (const entry of Deno.readDir(parent)) {
    if (entry.name.endsWith(".partial")) await files.remove(`${parent}/${entry.name}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
