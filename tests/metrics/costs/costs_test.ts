import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { costOfPredictions, parseCostMatrix } from "../../../lib/metrics/costs/cost_matrix.ts";
import { measureLatency } from "../../../lib/metrics/costs/latency.ts";
import {
  bestThreshold,
  cheapestDecisions,
  defer,
} from "../../../lib/metrics/costs/reject_option.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

const classes = ["ill", "unclear", "well"];
const text = `true \\ predicted,ill,unclear,well
ill,0,10,100
unclear,5,0,20
well,1,2,0
`;
const matrix = parseCostMatrix(text, classes);

Deno.test("costs are read by their names, in any order and with any line ends", () => {
  assertEquals([...matrix.costs], [0, 10, 100, 5, 0, 20, 1, 2, 0]);
  const mixed =
    '\ufeff"",well , "ill",unclear\r\n\r\n well,0,1,2\r\nill,1e2,0,+10\n"unclear",20,5,.0';
  assertEquals(parseCostMatrix(mixed, classes), matrix);
  const quoted = ',"a, ""b""",c\n"a, ""b""",0,1\nc,-2.5,0\n';
  assertEquals([...parseCostMatrix(quoted, ['a, "b"', "c"]).costs], [0, 1, -2.5, 0]);
});

const wrong: { [what: string]: [text: string, part: string] } = {
  "nothing": ["", '"ill" is missing'],
  "a missing column": [text.replace(",well\n", "\n"), 'in its first line "well" is missing'],
  "a missing line": [text.replace("well,1,2,0\n", ""), 'of its lines "well" is missing'],
  "an unknown class": [text.replace("unclear,5", "unclaer,5"), '"unclaer" is no class'],
  "a class twice": [text.replace("unclear,5", "ill,5"), '"ill" is there twice'],
  "a short line": [text.replace("5,0,20", "5,0"), 'line 3 ("unclear") has 2 costs for 3 columns'],
  "a word": [text.replace("100", "much"), 'line 2 ("ill") has "much" for "well"'],
  "no number": [text.replace("100", ""), 'has "" for "well"'],
  "infinity": [text.replace("100", "Infinity"), 'has "Infinity"'],
  "an overflow": [text.replace("100", "1e999"), 'has "1e999"'],
  "hexadecimal": [text.replace("100", "0x10"), 'has "0x10"'],
  "open quotes": [text.replace("unclear,5", '"unclear,5'), "the quotes of"],
  "more after quotes": [text.replace("unclear,5", '"unclear"x,5'), '"x" follows the quotes'],
  "too many cells": [text + "a,b\n", "more than 16 cells"],
};
for (const [what, [broken, part]] of Object.entries(wrong)) {
  Deno.test(`a cost matrix with ${what} is refused`, () => {
    const error = assertThrows(
      () => parseCostMatrix(broken, classes, "costs.csv"),
      UserError,
      part,
    );
    assertEquals(error.message.startsWith('Cannot read the costs of "costs.csv"'), true);
  });
}

Deno.test("a hostile text is refused at once", () => {
  const begun = performance.now();
  const spaces = " ".repeat(1e6);
  for (const odd of [spaces + '"', '"'.repeat(1e6 + 1), ",".repeat(1e6), `"${spaces}`]) {
    assertThrows(() => parseCostMatrix(odd, classes), UserError);
  }
  parseCostMatrix("\n".repeat(1e6) + text, classes);
  assertEquals(performance.now() - begun < 2000, true);
  const many = Array.from({ length: 2001 }, (_, i) => String(i));
  assertThrows(() => parseCostMatrix("", many), UserError, "more than 2000 classes");
});

Deno.test("costs of predictions are those of a hand count", () => {
  const labels = [0, 0, 1, 2], predictions = [0, 2, 0, 2];
  const { expected, weightedAccuracy, perImage, contributions } = costOfPredictions(
    matrix,
    predictions,
    labels,
  );
  assertAlmostEquals(contributions.reduce((a, b) => a + b) / 4, weightedAccuracy / 100, 1e-12);
  assertEquals([...perImage], [0, 100, 5, 0]);
  assertEquals(expected, 105 / 4);
  // At worst 100 + 100 + 20 + 2.
  assertAlmostEquals(weightedAccuracy, 100 * (222 - 105) / 222, 1e-12);
  const plain = parseCostMatrix(",ill,well\nill,0,1\nwell,1,0", ["ill", "well"]);
  assertEquals(costOfPredictions(plain, [0, 1, 1, 1], [0, 0, 0, 1]).weightedAccuracy, 50);
});

Deno.test("predictions that do not fit a cost matrix are refused", () => {
  const refused = (predictions: number[], labels: number[], part: string) =>
    assertThrows(() => costOfPredictions(matrix, predictions, labels), UserError, part);
  refused([], [], "0 predictions");
  refused([1], [1, 2], "1 predictions for 2 labels");
  refused([3], [1], "the class 3");
  refused([1], [-1], "the class -1");
  const flat = { classes, costs: new Float64Array(9).fill(1) };
  assertThrows(() => costOfPredictions(flat, [0], [0]), UserError, "cost the same");
});

Deno.test("the cheapest decision weighs what may be missed", () => {
  // Expected costs of 20 % ill, 80 % well: ill 0.8, unclear 2 + 1.6, well 20.
  assertEquals([...cheapestDecisions(matrix, [0.2, 0, 0.8])], [0]);
  // Of 0.5 % ill: ill 0.995, well 0.5; handed on where that costs less.
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
      costs.reduce((sum, one, i) => sum + (confidences[i]! < level ? rejection : one), 0) / 6;
    const tried = [-Infinity, ...confidences, Infinity].map(at);
    assertAlmostEquals(expected, Math.min(...tried), 1e-12);
    assertAlmostEquals(at(threshold), expected, 1e-12);
    assertAlmostEquals(rejected, confidences.filter((one) => one < threshold).length / 6, 1e-12);
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

/** A network of a clock of its own: so many milliseconds for each call. */
function madeUp(cost: (images: number, call: number) => number) {
  let [clock, call] = [0, 0];
  const sizes: number[] = [];
  const run = (images: number) => {
    sizes.push(images);
    clock += cost(images, call++);
    return Promise.resolve();
  };
  return { run, sizes, now: () => clock };
}

Deno.test("latency is the quantiles of single calls, the first of which do not count", async () => {
  // Three slow calls, then 1 to 100 ms in another order.
  const { run, now, sizes } = madeUp((_, call) => call < 3 ? 1e6 : 1 + (call - 3) * 37 % 100);
  const { p50, p95 } = await measureLatency(run, { now, batchSizes: [1] });
  assertEquals([p50, p95], [50, 95]);
  assertEquals(sizes.length, 103 + 8);
});

Deno.test("the best batch is the fastest for an image, the smaller of equals", async () => {
  const limited = madeUp((images) => images <= 32 ? 10 : images);
  const found = await measureLatency(limited.run, { now: limited.now });
  assertEquals([found.batchSize, found.imagesPerSecond], [32, 3200]);
  const even = madeUp((images) => images);
  const given = { now: even.now, batchSizes: [8, 2] };
  assertEquals((await measureLatency(even.run, given)).batchSize, 2);
});

Deno.test("a latency of nothing is refused", async () => {
  const { run } = madeUp(() => 1);
  for (const options of [{ batchSizes: [] }, { batchSizes: [0] }, { calls: 0 }, { warmUp: -1 }]) {
    await assertRejects(() => measureLatency(run, options), UserError, "whole numbers");
  }
});

Deno.test("the threshold of each half is applied to the other", () => {
  // Of even images the unsure one is wrong, of odd ones right: neither half's threshold suits the other.
  const confidences = [0.9, 0.9, 0.4, 0.4], costs = [0, 0, 1, 0];
  const { perImage, rejected } = defer(confidences, costs, 0.25);
  assertEquals([...rejected], [0, 0, 0, 1]);
  assertEquals([...perImage], [0, 0, 1, 0.25]);
  assertThrows(() => defer([0.5], [1], 0.1), UserError, "threshold");
});
