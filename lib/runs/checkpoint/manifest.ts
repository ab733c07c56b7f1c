/** Types of checkpoints, and their manifest: the files of the folder by size and SHA-256. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { FileContent } from "../../io/storage.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";

/** Properties of a checkpoint that are known without reading its tensors. */
export interface CheckpointEntry {
  /** Updates done. */
  readonly step: number;
  /** Mean loss of the updates since the checkpoint before, where there were any. */
  readonly loss?: number | undefined;
}

/** Everything that a run needs to go on. */
export interface CheckpointState extends CheckpointEntry {
  /** Every tensor of the state by name. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
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

/** Shape of `manifest.json`. */
export const manifestSchema = z.object({
  format: z.literal(1),
  step: z.int().min(0),
  stateDigest: z.string().length(64),
  loss: z.optional(z.number()),
  files: z.record(z.string(), z.object({ bytes: z.int().min(0), sha256: z.string().length(64) })),
});

/** The content of `manifest.json`. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Size and SHA-256 of files that are about to be written. */
export function digestFiles(
  content: { readonly [file: string]: FileContent },
): { [file: string]: { bytes: number; sha256: string } } {
  return Object.fromEntries(
    Object.entries(content).map(([file, value]) => {
      const parts = typeof value === "string"
        ? [new TextEncoder().encode(value)]
        : value instanceof Uint8Array
        ? [value]
        : value;
      const hash = createHash("sha256");
      for (const part of parts) hash.update(part);
      const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      return [file, { bytes, sha256: hash.digest("hex") }];
    }),
  );
}
