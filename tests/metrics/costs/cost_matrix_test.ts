import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { costOfPredictions, parseCostMatrix } from "../../../lib/metrics/costs/cost_matrix.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { classes, matrix, text } from "./cost_matrix_fixture.ts";

Deno.test("costs are read by their names, in any order and with any line ends", () => {
  assertEquals([...matrix.costs], [0, 10, 100, 5, 0, 20, 1, 2, 0]);
  const mixed =
    '\ufeff"",well , "ill",unclear\r\n\r\n well,0,1,2\r\nill,1e2,0,+10\n"unclear",20,5,.0';
  assertEquals(parseCostMatrix(mixed, classes), matrix);
  for (const ends of ["\r\n", "\r", "\n\n", "\r\n\r\n"]) {
    assertEquals(parseCostMatrix(text.replaceAll("\n", ends), classes), matrix);
  }
  const quoted = ',"a, ""b""",c\n"a, ""b""",0,1\nc,-2.5,0\n';
  assertEquals([...parseCostMatrix(quoted, ['a, "b"', "c"]).costs], [0, 1, -2.5, 0]);
});

const wrong: { [name: string]: [text: string, part: string] } = {
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
for (const [name, [broken, part]] of Object.entries(wrong)) {
  Deno.test(`a cost matrix with ${name} is refused`, () => {
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
