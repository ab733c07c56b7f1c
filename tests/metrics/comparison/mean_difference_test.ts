/** The difference of two means over tasks, and its interval, by strata. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { chosenReadoutName } from "../../../lib/metrics/comparison/evaluation_metric.ts";
import type { MeasuredRow } from "../../../lib/metrics/comparison/evaluation_row.ts";
import { meanDifference, meanVerdicts } from "../../../lib/metrics/comparison/mean_difference.ts";
import { pairedBootstrap } from "../../../lib/metrics/comparison/paired_bootstrap.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

/** 1 for the images from `from` up to `to`. */
function right(images: number, from: number, to: number): Float64Array {
  return Float64Array.from({ length: images }, (_, i) => Number(i >= from && i < to));
}

Deno.test("the interval is that of the normal approximation of independent tasks", () => {
  // Of 1000 images the first alone gets 100 right, the second alone 60; of 400, 20 and 20.
  const tasks = [
    { task: "a", first: right(1000, 0, 600), second: right(1000, 100, 660) },
    { task: "b", first: right(400, 0, 200), second: right(400, 20, 220) },
  ];
  const { difference, low, high, p } = meanDifference(tasks, 3);
  assertAlmostEquals(difference, (0.04 + 0) / 2, 1e-12);
  // Variances of the means: (0.16 - 0.04²) / 1000 and 0.1 / 400; of half their sum a quarter of both.
  const half = 1.96 * Math.sqrt((0.1584 / 1000 + 0.1 / 400) / 4);
  assertAlmostEquals(difference - low, half, 0.15 * half);
  assertAlmostEquals(high - difference, half, 0.15 * half);
  assert(p > 0.02 && p < 0.1, `${p}`);
  const turned = meanDifference(
    tasks.map(({ task, first, second }) => ({ task, first: second, second: first })),
    3,
  );
  assertAlmostEquals(turned.difference, -difference, 1e-12);
  assertAlmostEquals(turned.low, -high, 0.002);
});

Deno.test("of one task it is the paired bootstrap, and every task weighs the same", () => {
  const one = { task: "a", first: right(50, 0, 30), second: right(50, 10, 35) };
  const alone = pairedBootstrap(one.first, one.second, randomStream(5).at("bootstrap", "a"));
  const mean = meanDifference([one], 5);
  for (const key of ["difference", "low", "high", "p"] as const) {
    assertAlmostEquals(mean[key], alone[key], 1e-12);
  }
  const small = { task: "b", first: right(4, 0, 4), second: right(4, 0, 0) };
  const { difference } = meanDifference(
    [{ task: "a", first: one.first, second: one.first }, small],
    5,
  );
  assertEquals(difference, 0.5);
  assertThrows(() => meanDifference([], 0), UserError, "no task");
  assertThrows(
    () => meanDifference([{ ...one, second: right(49, 0, 9) }], 0),
    UserError,
    'Cannot compare two models on "a"',
  );
});

/** A row of scores. */
function measured(model: string, task: string, metric: string, scores: Float64Array): MeasuredRow {
  const value = 100 * scores.reduce((sum, one) => sum + one, 0) / scores.length;
  const row = { model, task, metric, value, low: 0, high: 0, images: scores.length, seconds: 0 };
  return {
    row,
    scores,
    role: model.startsWith("student") ? "student" : "teacher",
    testImages: task,
  };
}

Deno.test("a student meets the teacher of the best mean under the same rule, errors the lowest", () => {
  const knn = "k-NN accuracy", chosen = chosenReadoutName(knn), error = "calibration error";
  const rows = [
    // As it is teacher t is best on average, though u wins task b; by the chosen readout u is.
    ...[knn, error].flatMap((metric) => [
      measured("student", "a", metric, right(100, 0, 80)),
      measured("student", "b", metric, right(100, 0, 80)),
      measured("t", "a", metric, right(100, 0, 70)),
      measured("t", "b", metric, right(100, 0, 40)),
      measured("u", "a", metric, right(100, 0, 30)),
      measured("u", "b", metric, right(100, 0, 50)),
    ]),
    measured("student", "a", chosen, right(100, 0, 50)),
    measured("student", "b", chosen, right(100, 0, 50)),
    measured("t", "a", chosen, right(100, 0, 10)),
    measured("t", "b", chosen, right(100, 0, 10)),
    measured("u", "a", chosen, right(100, 0, 50)),
    measured("u", "b", chosen, right(100, 0, 50)),
    // Measured on one task only, so no mean of it can be compared.
    measured("v", "a", knn, right(100, 0, 100)),
  ];
  const verdicts = meanVerdicts(rows, 0).map((
    { metric, against, difference, outcome, tasks },
  ) => [metric, against, Math.round(difference), outcome, tasks]);
  assertEquals(verdicts, [
    [knn, "t", 25, "win", 2],
    [error, "u", 40, "loss", 2],
    [chosen, "u", 0, "tie", 2],
  ]);
  assertEquals(meanVerdicts(rows.filter(({ row }) => row.task === "a"), 0), []);
  // Of other images under the same name no difference can be taken.
  const others = rows.map((one) => one.role === "student" ? one : { ...one, testImages: "other" });
  assertEquals(meanVerdicts(others, 0), []);
});

Deno.test("a task of twice the weight counts twice, in the mean and in its interval", () => {
  const half = Array.from({ length: 200 }, (_, i) => i % 2);
  const more = half.map((right, i) => i < 40 ? 1 : right);
  const tasks = (weights: readonly (number | undefined)[]) =>
    [{ task: "a", first: more, second: half }, { task: "b", first: half, second: half }]
      .map((task, i) => ({ ...task, weight: weights[i] }));
  const [even, twice, plain] = [[2, 2], [2, 1], []].map((weights) =>
    meanDifference(tasks(weights), 0)
  );
  assertAlmostEquals(even!.difference, 0.05, 1e-12);
  assertAlmostEquals(twice!.difference, 0.1 * 2 / 3, 1e-12);
  assertAlmostEquals(twice!.low / even!.low, 4 / 3, 1e-9);
  assertEquals(even, plain);
});
