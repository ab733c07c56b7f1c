import golden from "../golden/images.json" with { type: "json" };

export { golden };

/** The largest distance between two lists. */
export function farthest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    // Written so that NaN counts as far.
    if (!(Math.abs(found[i]! - expected[i]!) <= most)) most = Math.abs(found[i]! - expected[i]!);
  }
  return most;
}

/** The mean distance between two lists. */
export function meanDistance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < found.length; i++) sum += Math.abs(found[i]! - expected[i]!);
  return sum / expected.length;
}
