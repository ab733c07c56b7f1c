/** How many channels or heads a share of pruning leaves. */
import { UserError } from "../../errors/user_error.ts";

/** Widths from this on stay multiples of eight, which processors compute at once. */
const vector = 8, wide = 32;

/**
 * The width that a layer keeps: the nearest multiple of eight of wide layers, else the nearest number.
 *
 * @param exact Channels that would stay.
 *
 * @example
 * ```ts
 * import { roundedWidth } from "./pruned_width.ts";
 * if (roundedWidth(180, 240) !== 184) throw new Error("180 lies between 176 and 184");
 * ```
 */
export function roundedWidth(exact: number, width: number): number {
  const kept = exact >= wide ? vector * Math.round(exact / vector) : Math.round(exact);
  return Math.min(width, kept);
}

/**
 * Refuses a share that would leave a layer no channel.
 *
 * @param what Names the layer in the error.
 * @throws {UserError} Where none stays.
 */
export function checkWidth(width: number, share: number, what: string): void {
  checked(roundedWidth((1 - share) * width, width), { width, share, what, noun: "channels" });
}

/**
 * Heads that stay where a share is pruned, and the width of their queries and keys: what whole heads leave of
 * the share, these give up.
 *
 * @throws {UserError} Where no head stays.
 *
 * @example
 * ```ts
 * import { keptHeads } from "./pruned_width.ts";
 * const { heads, queryWidth } = keptHeads({ heads: 3, queryWidth: 64 }, 0.5, "the block");
 * if (heads !== 2 || queryWidth !== 48) throw new Error("2 x 48 is half of 3 x 64");
 * ```
 */
export function keptHeads(
  { heads, queryWidth }: { readonly heads: number; readonly queryWidth: number },
  share: number,
  what: string,
): { heads: number; queryWidth: number } {
  const kept = checked(Math.round((1 - share) * heads), {
    width: heads,
    share,
    what,
    noun: "heads",
  });
  const narrowed = Math.round((1 - share) * heads * queryWidth / kept);
  return { heads: kept, queryWidth: Math.max(1, Math.min(queryWidth, narrowed)) };
}

function checked(
  kept: number,
  { width, share, what, noun }: {
    readonly width: number;
    readonly share: number;
    readonly what: string;
    readonly noun: string;
  },
): number {
  if (kept >= 1) return kept;
  throw new UserError(
    `Cannot prune ${share} of ${what}: of ${width} ${noun} none would be left, expected at least one. ` +
      `Choose a share below ${(1 - 0.5 / width).toFixed(2)}`,
  );
}
