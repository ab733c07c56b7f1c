import type * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";

/** An array as `summary` of tests/golden/teachers/teachers.py writes it. */
export interface Summary {
  readonly shape: readonly number[];
  readonly norm: number;
  readonly mean: number;
  readonly positions: readonly number[];
  readonly values: readonly number[];
}

/** Asserts that a tensor is the summarised one, to 1e-4 of the root mean square per number. */
export async function assertSummary(found: tf.Tensor | undefined, expected: Summary) {
  assert(found !== undefined);
  assertEquals(found.shape, [...expected.shape]);
  const data = await found.data<"float32">();
  const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
  assertAlmostEquals(norm, expected.norm, 1e-4 * expected.norm);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const scale = expected.norm / Math.sqrt(data.length);
  assertAlmostEquals(mean, expected.mean, 1e-4 * scale);
  expected.positions.forEach((position, k) => {
    assertAlmostEquals(data[position] ?? NaN, expected.values[k] ?? NaN, 1e-4 * scale);
  });
}
