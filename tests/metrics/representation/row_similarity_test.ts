import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { rowSimilarity } from "../../../lib/metrics/representation/row_similarity.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { labelled, numbers, width } from "../labelled_fixture.ts";

const { features } = labelled(120, 2);
const first = { features, width };
const noisy = numbers(120 * width, 9).map((value, i) => features[i]! + 3 * value + 0.2);

Deno.test("the similarity of rows is numpy's, to 1e-6", () => {
  const own = rowSimilarity({ features: noisy, width }, first);
  assertAlmostEquals(own, golden.rowSimilarity, 1e-6);
});

Deno.test("equal rows are alike, opposite ones around the mean unlike, and what is shared counts nothing", () => {
  const rows = (...values: number[]) => ({ features: Float32Array.from(values), width: 2 });
  const expected = rows(101, 5, 99, 5);
  assertAlmostEquals(rowSimilarity(expected, expected), 1, 1e-6);
  assertAlmostEquals(rowSimilarity(rows(99, 5, 101, 5), expected), -1, 1e-6);
  assertAlmostEquals(rowSimilarity(rows(100, 6, 100, 4), expected), 0, 1e-6);
  assertAlmostEquals(rowSimilarity(rows(1, 2, 1, 2), rows(1, 2, 1, 2)), 0, 1e-6);
  assert(Number.isNaN(rowSimilarity(rows(NaN, 5, 99, 5), expected)));
});

Deno.test("features of other shapes are refused", () => {
  const narrow = { features: new Float32Array(4), width: 1 },
    none = { features: new Float32Array(), width: 2 };
  const two = { features: new Float32Array(4), width: 2 };
  for (const [actual, expected] of [[narrow, two], [none, none], [none, two]] as const) {
    assertThrows(() => rowSimilarity(actual, expected), RangeError, "Cannot compare features");
  }
});
