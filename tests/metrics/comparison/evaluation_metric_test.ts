import { assertEquals } from "@std/assert";
import {
  costName,
  deferredCostName,
  deferredName,
  denseMetricNames,
  expectedCostName,
  lowerIsBetter,
  metricNames,
  neighboursName,
  shotsName,
  unitOfMetric,
} from "../../../lib/metrics/comparison/evaluation_metric.ts";

Deno.test("of errors and costs the lower is better, of all else the higher", () => {
  const lower = [
    metricNames.calibration,
    denseMetricNames.depth,
    expectedCostName,
    deferredCostName,
    deferredName,
  ];
  const all = [
    ...Object.values(metricNames),
    ...Object.values(denseMetricNames),
    ...[costName, expectedCostName, deferredCostName, deferredName],
    ...[shotsName(5), neighboursName(20)],
  ];
  assertEquals(all.filter(lowerIsBetter).sort(), lower.sort());
});

Deno.test("depth is in centimetres, costs in the units of their matrix, all else in per cent", () => {
  assertEquals(unitOfMetric(denseMetricNames.depth), "cm");
  for (const name of [expectedCostName, deferredCostName]) {
    assertEquals(unitOfMetric(name), "in units of the cost matrix");
  }
  for (const name of [deferredName, costName, metricNames.knn, denseMetricNames.segmentation]) {
    assertEquals(unitOfMetric(name), "%");
  }
});
