import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { bootstrapInterval } from "../../../lib/metrics/comparison/bootstrap.ts";
import { metricNames } from "../../../lib/metrics/comparison/evaluation_metric.ts";
import { pairedBootstrap } from "../../../lib/metrics/comparison/paired_bootstrap.ts";
import { scorecard } from "../../../lib/metrics/comparison/scorecard.ts";
import { addVerdicts } from "../../../lib/metrics/comparison/verdict.ts";
import type { MeasuredRow } from "../../../lib/metrics/comparison/evaluation_row.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { comparisonText } from "../../../lib/report/tables/comparison_table.ts";
import { evaluationCsv } from "../../../lib/report/tables/evaluation_csv.ts";

/** 1 for the images below `share` of all. */
function rightBelow(images: number, share: number): Float64Array {
  return Float64Array.from({ length: images }, (_, i) => Number(i < share * images));
}

function measured(
  model: string,
  role: MeasuredRow["role"],
  scores: Float64Array,
  metric = "k-NN accuracy",
  task = "digits",
): MeasuredRow {
  const value = 100 * scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const row = { model, task, metric, value, low: 0, high: 100, images: scores.length, seconds: 1 };
  return { role, row, scores };
}

Deno.test("the interval of a difference is that of the normal approximation", () => {
  // Of 2000 images the first alone gets 120 right, the second alone 60, and both 1000.
  const first = Float64Array.from({ length: 2000 }, (_, i) => Number(i < 1120));
  const second = Float64Array.from({ length: 2000 }, (_, i) => Number(i >= 120 && i < 1180));
  const { difference, low, high, p } = pairedBootstrap(first, second, randomStream(2));
  assertAlmostEquals(difference, 0.03, 1e-12);
  // 1.96 sqrt((180 / 2000 - 0.03²) / 2000) is 0.01308; unpaired it would be 0.031, and a tie.
  assertAlmostEquals(difference - low, 0.01308, 0.0015);
  assertAlmostEquals(high - difference, 0.01308, 0.0015);
  assert(p > 0 && p < 0.01, `${p}`);
});

Deno.test("the p-value of no difference is 1, and of chance it is spread evenly", () => {
  const same = rightBelow(50, 0.5);
  const none = pairedBootstrap(same, same, randomStream(0));
  assertEquals([none.difference, none.low, none.high, none.p], [0, 0, 0, 1]);
  // Two models that are right in 7 of 10 images by chance: a twentieth should differ at 0.05.
  const outcomes = Array.from({ length: 200 }, (_, i) => {
    const draw = (name: string) => {
      const values = randomStream(i).at(name).uniform(300);
      return Float64Array.from(values, (value) => Number(value < 0.7));
    };
    return pairedBootstrap(draw("a"), draw("b"), randomStream(i), { resamples: 200 });
  });
  const rejected = outcomes.filter(({ low, high }) => low > 0 || high < 0).length;
  assert(rejected >= 2 && rejected <= 22, `${rejected} of 200`);
  const half = outcomes.filter(({ p }) => p < 0.5).length;
  assert(half > 75 && half < 125, `${half} of 200 below 0.5`);
});

Deno.test("first and second change places with the sign, and a seed gives one outcome", () => {
  const [first, second] = [rightBelow(200, 0.7), rightBelow(200, 0.6)];
  const difference = pairedBootstrap(first, second, randomStream(1));
  const other = pairedBootstrap(second, first, randomStream(1));
  assertEquals(difference, pairedBootstrap(first, second, randomStream(1)));
  assertAlmostEquals(difference.difference, -other.difference, 1e-12);
  assertAlmostEquals(difference.low, -other.high, 1e-12);
  assertAlmostEquals(difference.p, other.p, 1e-12);
});

Deno.test("models that were not measured on the same images are refused", () => {
  const refused = (first: number[], second: number[], part: string) =>
    assertThrows(() => pairedBootstrap(first, second, randomStream(0)), UserError, part);
  refused([1, 0], [1], "scores of 2 and 1 images");
  refused([1], [1, 0], "scores of 1 and 2 images");
  refused([], [], "0 and 0 images");
  refused([NaN], [1], "some not finite");
});

Deno.test("a student wins, ties or loses against the best teacher of each task", () => {
  const teachers = (task: string) => [
    measured("weak", "teacher", rightBelow(400, 0.2), undefined, task),
    measured("strong", "teacher", rightBelow(400, 0.6), undefined, task),
  ];
  const student = (task: string, share: number) =>
    measured("student", "student", rightBelow(400, share), undefined, task);
  const rows = addVerdicts([
    student("won", 0.7),
    student("tied", 0.6025),
    student("lost", 0.5),
    ...["won", "tied", "lost"].flatMap(teachers),
    measured("pixels", "baseline", rightBelow(400, 0.9), undefined, "won"),
  ], 0);
  const verdicts = rows.slice(0, 3).map(({ verdict }) => verdict);
  assertEquals(verdicts.map((verdict) => verdict?.outcome), ["win", "tie", "loss"]);
  assertEquals(verdicts.map((verdict) => verdict?.against), ["strong", "strong", "strong"]);
  assertAlmostEquals(verdicts[2]?.difference ?? NaN, -10, 1e-9);
  assert(rows.slice(3).every((row) => !("verdict" in row)), "only students are judged");

  const lines = comparisonText(rows).split("\n").slice(-2);
  assertEquals(
    lines[0],
    "student against the best teacher: wins 1 (won +10.0), ties 1 (tied +0.3), loses 1 (lost −10.0)",
  );
  assert(lines[1]?.includes("95 % interval"));
  const [header, first, , , fourth] = evaluationCsv(rows).split("\n").map((line) =>
    line.split(",")
  );
  assertEquals(header?.slice(7), [
    "seconds",
    "verdict",
    "against",
    "difference",
    "difference_low",
    "difference_high",
    "p",
  ]);
  assertEquals(first?.slice(8, 11), ["win", "strong", "10.00"]);
  assertEquals(fourth?.slice(8), ["", "", "", "", "", ""]);
});

Deno.test("the verdict draws the images that the intervals draw", () => {
  const scores = rightBelow(100, 0.3);
  const none = measured("none", "teacher", new Float64Array(100));
  const [row] = addVerdicts([measured("student", "student", scores), none], 7);
  const { low, high } = bootstrapInterval(scores, randomStream(7).at("bootstrap", "digits"));
  assertEquals([row?.verdict?.low, row?.verdict?.high], [100 * low, 100 * high]);
});

Deno.test("without a teacher of the same metric there is no verdict", () => {
  const scores = rightBelow(10, 0.5);
  const rows = addVerdicts([
    measured("student", "student", scores),
    measured("teacher", "teacher", scores, "retrieval mAP"),
    measured("teacher", "teacher", scores, undefined, "elsewhere"),
  ], 0);
  assert(rows.every(({ verdict }) => verdict === undefined));
  assert(!comparisonText(rows).includes("against"));
});

Deno.test("of an error the lowest is best: in verdicts, tables and scorecards", () => {
  const error = metricNames.calibration;
  const rows = addVerdicts([
    measured("student", "student", rightBelow(400, 0.1), error),
    measured("sure", "teacher", rightBelow(400, 0.6), error),
    measured("good", "teacher", rightBelow(400, 0.3), error),
  ], 0);
  assertEquals(rows[0]?.verdict?.outcome, "win");
  assertEquals(rows[0]?.verdict?.against, "good");
  assertEquals(scorecard(rows).best, [10]);
  const lines = comparisonText(rows).split("\n");
  assertEquals(lines[0], "calibration error, % (lower is better)");
  assert(lines[3]?.endsWith("10.0*"), lines[3]);
});
