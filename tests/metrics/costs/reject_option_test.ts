import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  bestThreshold,
  cheapestDecisions,
  defer,
} from "../../../lib/metrics/costs/reject_option.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { matrix } from "./cost_matrix_fixture.ts";

Deno.test("the cheapest decision weighs what may be missed", () => {
  // Expected costs of 20 % ill, 80 % well: ill 0.8, unclear 2 + 1.6, well 20.
  assertEquals([...cheapestDecisions(matrix, [0.2, 0, 0.8])], [0]);
  // Of 0.5 % ill: ill 0.995, well 0.5; deferred where that costs less.
  const almost = [0.005, 0, 0.995];
  assertEquals([...cheapestDecisions(matrix, [...almost, 0, 1, 0])], [2, 1]);
  assertEquals([...cheapestDecisions(matrix, almost, { rejection: 0.4 })], [-1]);
  assertEquals([...cheapestDecisions(matrix, almost, { rejection: 0.6 })], [2]);
  const refused = (probabilities: number[], part: string) =>
    assertThrows(() => cheapestDecisions(matrix, probabilities), UserError, part);
  refused([0.5, 0.5], "2 probabilities");
  refused([3, -1, 0], "one is 3");
  refused([NaN, 0, 0], "one is NaN");
});

Deno.test("the best threshold is the cheapest of all, found by trying them", () => {
  const confidences = [0.9, 0.5, 0.6, 0.8, 0.6, 0.7], costs = [0, 1, 1, 0, 0, 3];
  for (const rejection of [0, 0.1, 0.3, 0.5, 0.9, 5]) {
    const { threshold, expected, rejected } = bestThreshold(confidences, costs, rejection);
    const at = (level: number) =>
      costs.reduce((sum, cost, i) => sum + (confidences[i]! < level ? rejection : cost), 0) / 6;
    const tried = [-Infinity, ...confidences, Infinity].map(at);
    assertAlmostEquals(expected, Math.min(...tried), 1e-12);
    assertAlmostEquals(at(threshold), expected, 1e-12);
    assertAlmostEquals(
      rejected,
      confidences.filter((confidence) => confidence < threshold).length / 6,
      1e-12,
    );
  }
  assertEquals(bestThreshold([0.5], [1], 2).threshold, -Infinity);
  assertEquals(bestThreshold([0.5], [1], 0.5).threshold, Infinity);
  const refused = (confidences: number[], costs: number[], rejection: number) =>
    assertThrows(() => bestThreshold(confidences, costs, rejection), UserError, "threshold");
  refused([], [], 1);
  refused([0.5], [1, 2], 1);
  refused([NaN], [1], 1);
  refused([0.5], [1], Infinity);
});

Deno.test("the threshold of each half is applied to the other", () => {
  // Of even images the unsure one is wrong, of odd ones right: neither half's threshold suits the other.
  const confidences = [0.9, 0.9, 0.4, 0.4], costs = [0, 0, 1, 0];
  const { perImage, rejected } = defer(confidences, costs, 0.25);
  assertEquals([...rejected], [0, 0, 0, 1]);
  assertEquals([...perImage], [0, 0, 1, 0.25]);
  assertThrows(() => defer([0.5], [1], 0.1), UserError, "threshold");
});
