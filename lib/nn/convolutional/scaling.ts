/** Narrower and shallower forms of a network, by the rule of the MobileNets. */

/**
 * Channels times a factor, to the nearest multiple of 8, at least 8, and never below nine tenths of the
 * exact number.
 *
 * @source Howard et al., MobileNets, 2017, section 3.3; the rounding is that of its published checkpoints.
 *
 * @example
 * ```ts
 * import { roundChannels } from "./scaling.ts";
 * if (roundChannels(24, 0.5) !== 16) throw new Error("8 would be less than 0.9 x 12");
 * ```
 */
export function roundChannels(channels: number, multiplier: number): number {
  if (multiplier === 1) return channels;
  const exact = channels * multiplier;
  const rounded = Math.max(8, 8 * Math.floor((exact + 4) / 8));
  return rounded < 0.9 * exact ? rounded + 8 : rounded;
}

/**
 * Blocks of one resolution times a factor, rounded up.
 *
 * @example
 * ```ts
 * import { scaleRepeats } from "./scaling.ts";
 * if (scaleRepeats(3, 0.5) !== 2) throw new Error("Expected 1.5 rounded up");
 * ```
 */
export function scaleRepeats(repeats: number, multiplier: number): number {
  return Math.max(1, Math.ceil(repeats * multiplier));
}
