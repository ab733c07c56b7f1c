/** Prunes the student of a run, on images of the run. */
import * as tf from "@tensorflow/tfjs";
import { writeFileAtomic } from "../io/atomic_file.ts";
import type { EncoderParameters } from "../nn/encoder.ts";
import { pruneEncoder, rankEncoder } from "../nn/pruning/prune_encoder.ts";
import type { RankedBlock } from "../nn/pruning/prune_stages.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { preprocess } from "../teachers/preprocess.ts";
import { encodeStudent } from "../teachers/student_file.ts";
import { namedTensors } from "../tensors/parameters.ts";
import { decodeSafetensors } from "../weights/safetensors/safetensors.ts";
import { sha256 } from "../weights/verified_file.ts";

/** Images that a network sees at once. */
const batchSize = 32;

/** A student with what its pruning goes by. */
export interface StudentToPrune {
  /** Its file. */
  readonly bytes: Uint8Array;
  /** The same, opened; borrowed. */
  readonly backbone: Backbone;
  /** Unlabelled images `[size, size, 3]` as bytes, at the size of its input. */
  readonly images: readonly Uint8Array[];
  /** Gets what is done, and how far. */
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

/**
 * Writes pruned students, one for each share; those that were written before of the same student and images stay.
 *
 * @param pathOf where the student of a share lies
 */
export async function pruneStudent(
  student: StudentToPrune,
  shares: readonly number[],
  pathOf: (share: number) => string,
): Promise<void> {
  const { bytes, backbone, images, onProgress } = student;
  const source = await sha256(bytes), ofImages = await digestOf(images);
  const isThere = async (share: number) => {
    const { metadata } = await Deno.readFile(pathOf(share))
      .then((file) => decodeSafetensors(file, { source: `"${pathOf(share)}"` }))
      .catch(() => ({ metadata: {} as Record<string, string> }));
    const { prunedFrom, prunedShare, prunedOn } = metadata;
    return prunedFrom === source && prunedShare === `${share}` && prunedOn === ofImages;
  };
  const missing: number[] = [];
  for (const share of shares) if (!await isThere(share)) missing.push(share);
  if (missing.length === 0) return;
  const config = backbone.encoder!, parameters = backbone.parameters as EncoderParameters;
  const { metadata } = decodeSafetensors(bytes, { source: "the student" });
  const batches = prepareImages(images, backbone);
  try {
    const ranking: RankedBlock[] = await rankEncoder(parameters, config, batches, {
      onProgress: (done, total) => onProgress("ordering channels", done, total),
    });
    for (const share of missing) {
      const pruned = await pruneEncoder(parameters, config, batches, {
        ...{ share, ranking },
        onProgress: (done, total) => onProgress(`pruning ${share}`, done, total),
      });
      const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
      for (const [name, tensor] of namedTensors(pruned.parameters)) {
        tensors.set(`encoder.${name}`, {
          shape: tensor.shape,
          data: await tensor.data<"float32">(),
        });
        tensor.dispose();
      }
      const facts = { prunedFrom: source, prunedShare: `${share}`, prunedOn: ofImages };
      const file = encodeStudent(tensors, pruned.config, { ...metadata, ...facts }, backbone.input);
      await writeFileAtomic(pathOf(share), file);
    }
  } finally {
    tf.dispose(batches);
  }
}

function prepareImages(images: readonly Uint8Array[], { input }: Backbone): tf.Tensor4D[] {
  const { size } = input, batches: tf.Tensor4D[] = [];
  for (let from = 0; from < images.length; from += batchSize) {
    const some = images.slice(from, from + batchSize);
    batches.push(tf.tidy(() => {
      const pixels = some.map((image) => tf.tensor3d(Float32Array.from(image), [size, size, 3]));
      return preprocess(tf.div<tf.Tensor4D>(tf.stack(pixels), 255), input);
    }));
  }
  return batches;
}

async function digestOf(images: readonly Uint8Array[]): Promise<string> {
  const digests = await Promise.all(images.map((image) => sha256(image)));
  return await sha256(new TextEncoder().encode(digests.join()));
}
