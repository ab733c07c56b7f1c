/** The manifest of a checkpoint: what must lie in its folder, by size and SHA-256. */
import { createHash } from "node:crypto";
import { z } from "zod";

/** Shape of `manifest.json`. */
export const manifestSchema = z.object({
  format: z.literal(1),
  step: z.int().min(0),
  stateDigest: z.string().length(64),
  loss: z.exactOptional(z.number()),
  files: z.record(z.string(), z.object({ bytes: z.int().min(0), sha256: z.string().length(64) })),
});

/** What a manifest says. */
export type Manifest = z.infer<typeof manifestSchema>;

/** What a manifest says of files that are about to be written. */
export function describeFiles(
  content: { readonly [file: string]: Uint8Array | string },
): { [file: string]: { bytes: number; sha256: string } } {
  return Object.fromEntries(
    Object.entries(content).map(([file, value]) => {
      const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return [file, { bytes: bytes.byteLength, sha256 }];
    }),
  );
}
