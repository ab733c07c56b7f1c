/** Durations for people. */

/**
 * Seconds in words: "8 s", "3 min 05 s", "2 h 10 min"; "?" where they are not finite.
 *
 * @example
 * ```ts
 * import { duration } from "./duration.ts";
 * if (duration(185) !== "3 min 05 s") throw new Error("Not as documented");
 * ```
 */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole % 3600 / 60))} min`;
}
