/** A choice of teachers as tables, sentences and a page. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderReport } from "../../../lib/report/page/report.ts";
import { selectionPage } from "../../../lib/report/selection/selection_page.ts";
import {
  ruleCells,
  selectionSentences,
  selectionText,
  stepCells,
} from "../../../lib/report/tables/selection_table.ts";
import { madeUpSelection } from "../../evaluation/selection/made_up_selection_fixture.ts";
import { madeUpRun } from "../run_fixture.ts";

const selection = madeUpSelection(["one", "two", "three", "four"]);

Deno.test("a line says what each adds, whether it is taken, and what is lost without it", () => {
  assertEquals(stepCells(selection), [
    ["one", "yes", "", "", "70.0", "70.0", "−4.0 (5.4 %)", "2.00 M", "1.25"],
    ["two", "yes", "+4.0", "+1.5 to +6.5", "74.0", "69.0", "−4.0 (5.4 %)", "2.00 M", "1.25"],
    ["three", "no", "+4.0", "−1.0 to +6.5", "78.0", "68.0", "", "2.00 M", "1.25"],
    ["four", "over budget", "", "", "", "67.0", "", "2.00 M", "1.25"],
  ]);
  assertEquals(ruleCells(selection), [
    ["this choice", "74.0", "4.00", "one, two"],
    ["the largest one", "69.0", "2.00", "two"],
    ["at random, in the mean", "66.6", "4.00", ""],
  ]);
});

Deno.test("sentences say whom to take, what the last adds and costs, and why no more", () => {
  assertEquals(selectionSentences(selection), [
    "Take one, then two: 74.0 % by the probe on digits.",
    "The last, two, adds +4.0 points (+1.5 to +6.5) and costs 2.00 M parameters.",
    "Stopped there: three would add +4.0 points, which may be nothing (−1.0 to +6.5).",
  ]);
  const whole = { ...selection, steps: selection.steps.slice(0, 2), unit: "ms" as const };
  const [, cost, budget] = selectionSentences({ ...whole, stop: "budget" });
  assertStringIncludes(cost!, "costs 1.25 ms an image");
  assertEquals(budget, "Nothing more is within the budget.");
  assertEquals(
    selectionSentences({ ...whole, stop: "all", by: "images" }).toSpliced(1, 1),
    [
      "Take one, then two: 74.0 % of what all teachers say of train images of digits.",
      "Each of the teachers adds something.",
    ],
  );
  assertStringIncludes(selectionText(selection), "over budget");
});

Deno.test("the page and a run's report show the order and the heat map, and escape every name", () => {
  const hostile = `<img src=x onerror="alert(1)">`;
  const strange = madeUpSelection([hostile, "two", "three"]);
  const page = selectionPage(strange, { command: hostile, plotly: "" });
  assert(!page.includes("<img"), "no element from outside");
  for (
    const part of ["Which of 3 teachers", "over budget", 'id="complements"', "held-out images"]
  ) {
    assertStringIncludes(page, part);
  }
  const run = madeUpRun();
  assert(!renderReport(run, { plotly: "" }).includes("Which teachers"));
  const report = renderReport({ ...run, selection }, { plotly: "" });
  for (const part of ["Which teachers", "Take one, then two", '"complements":{"data"']) {
    assertStringIncludes(report, part);
  }
});
