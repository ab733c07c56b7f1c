/** What the exports of this package record beside their tensors. */
import { z } from "zod";
import type { CheckpointReading } from "../checkpoint_reading.ts";

const channels = z.tuple([z.number(), z.number(), z.number()]);
const configSchema = z.looseObject({
  width: z.number(),
  depth: z.number(),
  heads: z.int().positive(),
});
const inputSchema = z.looseObject({ size: z.int().positive(), mean: channels, std: channels });

const activationSchema = z.enum(["gelu", "quick_gelu"]);

/** Facts about a network that its tensors do not tell. */
export type RecordedFacts = Omit<CheckpointReading, "key"> & {
  /** SPDX identifier, or "unknown". */
  readonly licence?: string | undefined;
};

/**
 * The facts that a file records about a network of this shape; none where it records others.
 *
 * @param metadata Texts beside the tensors; those of other programs are passed over.
 */
export function recordedFacts(
  metadata: Readonly<Record<string, string>> | undefined,
  { width, depth }: { readonly width: number; readonly depth: number },
): RecordedFacts {
  const config = configSchema.safeParse(parsed(metadata?.config));
  if (!config.success || config.data.width !== width || config.data.depth !== depth) return {};
  const input = inputSchema.safeParse(parsed(metadata?.input));
  const { heads } = config.data;
  const { data: activation } = activationSchema.safeParse(metadata?.activation);
  const licence = metadata?.licence ?? "unknown"; // as of a student; never that of the family
  return { heads, activation, licence, mean: input.data?.mean, std: input.data?.std };
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return undefined;
  }
}
