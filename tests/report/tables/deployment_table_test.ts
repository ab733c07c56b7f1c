import { assertEquals } from "@std/assert";
import { metricNames } from "../../../lib/metrics/comparison/evaluation_metric.ts";
import { headSeconds } from "../../../lib/report/tables/deployment_table.ts";

Deno.test("a head takes the median of the seconds of logistic regression", () => {
  const rows = [[metricNames.knn, 1], ...[9, 2, 4].map((s) => [metricNames.logistic, s] as const)]
    .map(([metric, seconds]) => ({
      ...{ model: "a", task: "digits", value: 1, low: 0, high: 2, images: 3 },
      ...{ metric: String(metric), seconds: Number(seconds) },
    }));
  assertEquals(headSeconds(rows), 4);
  assertEquals(headSeconds(rows.slice(0, 1)), undefined);
});
