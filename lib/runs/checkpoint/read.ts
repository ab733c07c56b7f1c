/** Finding and checking checkpoints on the disk. */
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { decodeSafetensors } from "../../weights/safetensors/safetensors.ts";
import { fileDigest } from "../../io/digest.ts";
import {
  type Checkpoint,
  type CheckpointEntry,
  type Manifest,
  manifestSchema,
} from "./manifest.ts";
import { stateDigest } from "../../method/state_digest.ts";

/** Checkpoints by their names alone, newest first; none where the folder is missing. */
export async function listCheckpoints(
  parent: string,
): Promise<{ readonly step: number; readonly folder: string }[]> {
  const checkpoints: { step: number; folder: string }[] = [];
  try {
    for await (const entry of Deno.readDir(parent)) {
      const match = /^step-(\d+)$/.exec(entry.name);
      if (match && entry.isDirectory) {
        checkpoints.push({ step: Number(match[1]), folder: `${parent}/${entry.name}` });
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return checkpoints.sort((a, b) => b.step - a.step);
}

/** {@linkcode listCheckpoints} with the losses of their manifests; one without a manifest has none. */
export async function listCheckpointsWithLosses(
  parent: string,
): Promise<(CheckpointEntry & { readonly folder: string })[]> {
  const checkpoints = await listCheckpoints(parent);
  return await Promise.all(checkpoints.map(async (entry) => {
    const manifest = await readManifest(entry.folder);
    return { ...entry, loss: typeof manifest === "string" ? undefined : manifest.loss };
  }));
}

/** The fault of a checkpoint on the disk, or undefined where every digest holds. */
export async function verifyCheckpoint(folder: string): Promise<string | undefined> {
  const manifest = await readManifest(folder);
  return typeof manifest === "string" ? manifest : await checkFiles(folder, manifest);
}

/** A whole checkpoint, or its fault. */
export async function readCheckpoint(folder: string): Promise<Checkpoint | string> {
  const manifest = await readManifest(folder);
  if (typeof manifest === "string") return manifest;
  const problem = await checkFiles(folder, manifest);
  if (problem !== undefined) return problem;

  const source = `${folder}/state.safetensors`;
  const tensors = new Map<string, FloatTensor>();
  for (const [name, tensor] of decodeSafetensors(await Deno.readFile(source), { source }).tensors) {
    const { shape, data } = tensor;
    if (!(data instanceof Float32Array)) return `the tensor "${name}" is not float32`;
    tensors.set(name, { shape, data });
  }
  const digest = stateDigest(tensors);
  if (digest !== manifest.stateDigest) return "the tensors differ from the manifest";
  const meta: { [key: string]: unknown } = JSON.parse(
    await Deno.readTextFile(`${folder}/meta.json`),
  );
  return { folder, step: manifest.step, tensors, meta, stateDigest: digest };
}

async function readManifest(folder: string): Promise<Manifest | string> {
  try {
    const text = await Deno.readTextFile(`${folder}/manifest.json`);
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : "manifest.json is not a manifest";
  } catch (error) {
    return `manifest.json cannot be read (${error instanceof Error ? error.message : error})`;
  }
}

async function checkFiles(folder: string, manifest: Manifest): Promise<string | undefined> {
  for (const file of ["state.safetensors", "meta.json"]) {
    const expected = manifest.files[file];
    const stat = await Deno.stat(`${folder}/${file}`).catch(() => undefined);
    if (!expected) return `the manifest does not name ${file}`;
    if (!stat) return `${file} is missing`;
    if (stat.size !== expected.bytes) {
      return `${file} has ${stat.size} bytes, expected ${expected.bytes}`;
    }
    if (await fileDigest(`${folder}/${file}`) !== expected.sha256) {
      return `${file} has another SHA-256 than the manifest says`;
    }
  }
  return undefined;
}
