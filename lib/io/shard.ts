/** Parts of work that processes do without a network between them: the third of sixteen. */
import { UserError } from "../errors/user_error.ts";

/** One of several parts of the same work. */
export interface Shard {
  /** From 1. */
  readonly part: number;
  /** Parts. */
  readonly of: number;
}

/** Most parts of the same work. */
const mostParts = 10_000;

/**
 * Reads a part as it is written, such as `3/16`.
 *
 * @throws {UserError} for anything else
 *
 * @example
 * ```ts
 * import { readShard } from "./shard.ts";
 * if (readShard("3/16").part !== 3) throw new Error("Expected the third of sixteen");
 * ```
 */
export function readShard(text: string): Shard {
  const [, part = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (part >= 1 && part <= of && of <= mostParts) return { part, of };
  throw new UserError(
    `Found the part ${text}, expected PART/PARTS from 1/PARTS to PARTS/PARTS, such as 3/16, of at most ` +
      `${mostParts} parts`,
  );
}

/**
 * Where a part begins and ends if so many things are cut into consecutive parts, whose sizes differ by one at most.
 *
 * @example
 * ```ts
 * import { blockOfShard } from "./shard.ts";
 * const { from, to } = blockOfShard(5, { part: 2, of: 2 });
 * if (from !== 2 || to !== 5) throw new Error("Expected the last three of five");
 * ```
 */
export function blockOfShard(count: number, { part, of }: Shard): { from: number; to: number } {
  return { from: Math.floor(count * (part - 1) / of), to: Math.floor(count * part / of) };
}
