import { assertEquals } from "@std/assert";
import { scorecard } from "../../../lib/metrics/comparison/scorecard.ts";
import {
  denseMetricNames,
  metricNames,
} from "../../../lib/metrics/comparison/evaluation_metric.ts";

const row = (model: string, task: string, value: number, metric: string = metricNames.knn) => (
  { model, task, value, metric, low: 0, high: 100, images: 10, seconds: 1 }
);

Deno.test("models stand beside each other, the later of two rows counts, a gap has no mean", () => {
  const { tasks, lines, best, bestMean } = scorecard([
    row("student", "digits", 1),
    row("student", "digits", 90),
    row("student", "flowers", 80),
    row("teacher", "digits", 95),
  ]);
  assertEquals(tasks, ["digits", "flowers"]);
  assertEquals(lines.map(({ model, mean }) => [model, mean]), [["student", 85], [
    "teacher",
    undefined,
  ]]);
  assertEquals([best, bestMean], [[95, 80], 85]);
});

Deno.test("of errors the lowest is the best", () => {
  const depth = denseMetricNames.depth;
  const { best } = scorecard([row("a", "rooms", 30, depth), row("b", "rooms", 20, depth)]);
  assertEquals(best, [20]);
});
