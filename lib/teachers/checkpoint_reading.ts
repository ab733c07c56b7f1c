/**
 * How a checkpoint is read, where neither file nor family tell: the options of every command and of
 * recipes.
 *
 * @module
 */
import { z } from "zod";

/** Three numbers: of red, green and blue. */
type Channels = readonly [number, number, number];

/** What is known of a checkpoint beside its file; each option replaces what file and family say. */
export interface CheckpointReading {
  /** Dictionary or prefix of the network in its file, such as `ema`; needed where it holds several. */
  readonly key?: string | undefined;
  /** Attention heads. Default: those that our exports record, else one for every 64 of the width. */
  readonly heads?: number | undefined;
  /** Exact or quick GELU. Default: that of the family. */
  readonly activation?: "gelu" | "quick_gelu" | undefined;
  /** Mean of red, green and blue in [0, 1]. Default: what our exports record, else the family's. */
  readonly mean?: Channels | undefined;
  /** Deviation of red, green and blue in [0, 1]. Default: as `mean`. */
  readonly std?: Channels | undefined;
}

const inUnits = "expected numbers in [0, 1]; divide those of 0 to 255 by 255";
const share = z.number().min(0, inUnits).max(1, inUnits);
const deviation = z.number().gt(0, "expected numbers above 0").max(1, inUnits);

/** The options as zod has them, for schemas that hold them among others. */
export const checkpointReadingShape = {
  key: z.optional(z.string().min(1)),
  heads: z.optional(z.int().positive()),
  activation: z.optional(z.enum(["gelu", "quick_gelu"])),
  mean: z.optional(z.tuple([share, share, share])),
  std: z.optional(z.tuple([deviation, deviation, deviation])),
};

/** Names of the options. */
export const checkpointReadingNames = Object.keys(
  checkpointReadingShape,
) as (keyof CheckpointReading)[];

/** The options of a checkpoint among those of an object. */
export function checkpointReadingOf(options: CheckpointReading): CheckpointReading {
  const { key, heads, activation, mean, std } = options;
  return { key, heads, activation, mean, std };
}
