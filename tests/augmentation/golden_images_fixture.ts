import golden from "../golden/augmentation/images.json" with { type: "json" };

export { golden };

/** The largest distance between two lists. */
export function farthest(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (values.length !== expected.length) return Infinity;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    // Written so that NaN counts as a distance.
    if (!(Math.abs(values[i]! - expected[i]!) <= most)) most = Math.abs(values[i]! - expected[i]!);
  }
  return most;
}

/** The mean distance between two lists. */
export function meanDistance(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]! - expected[i]!);
  return sum / expected.length;
}
