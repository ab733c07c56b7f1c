import { assertAlmostEquals, assertEquals } from "@std/assert";
import { centred, gatherRows, joinUnitRows, unitRows } from "../../lib/metrics/feature_matrix.ts";

Deno.test("features side by side have length 1 each", () => {
  const { features, width } = joinUnitRows([
    { features: Float32Array.of(3, 4, 0, 2), width: 2 },
    { features: Float32Array.of(-5, 7), width: 1 },
  ]);
  assertEquals(width, 3);
  const expected = [0.6, 0.8, -1, 0, 1, 1];
  expected.forEach((value, i) => assertAlmostEquals(features[i]!, value, 1e-7));
});

Deno.test("rows are centred, scaled and gathered one by one", () => {
  const set = { features: Float32Array.of(1, 2, 3, 6), width: 2 };
  assertEquals([...centred(set).features], [-1, -2, 1, 2]);
  assertEquals([...unitRows({ features: Float32Array.of(0, 0, 0, 5), width: 2 })], [0, 0, 0, 1]);
  assertEquals([...gatherRows(set.features, [1, 0, 1], 2)], [3, 6, 1, 2, 3, 6]);
});
