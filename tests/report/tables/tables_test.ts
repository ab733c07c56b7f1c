import { assertEquals, assertStringIncludes } from "@std/assert";
import { scorecard } from "../../../lib/metrics/comparison/scorecard.ts";
import { comparisonText } from "../../../lib/report/tables/comparison_table.ts";
import { millions } from "../../../lib/report/format.ts";
import { costText } from "../../../lib/report/tables/cost_table.ts";
import { evaluationCsv } from "../../../lib/report/tables/evaluation_csv.ts";
import { csvTable } from "../../../lib/io/csv.ts";
import { textTable } from "../../../lib/report/tables/text_table.ts";
import { markdownTable } from "../../../lib/report/tables/markdown_table.ts";
import { madeUpRun } from "../run_fixture.ts";

Deno.test("columns are aligned, also with letters of two columns", () => {
  assertEquals(
    textTable(["model", "x"], [["梯子", "1.0"], ["student", "10.0"]]).split("\n"),
    ["model       x", "─────────────", "梯子      1.0", "student  10.0"],
  );
});

Deno.test("CSV quotes what would break a line", () => {
  assertEquals(csvTable(["a", "b"], [['say "hi"', "x\ny"]]), 'a,b\n"say ""hi""","x\ny"\n');
  const lines = evaluationCsv(madeUpRun().rows).trimEnd().split("\n");
  assertEquals(lines.length, 29);
  assertEquals(
    lines[1],
    "student,digits,k-NN accuracy,92.40,90.70,94.00,2000,1.2,tie,digits,-1.20,-2.60,0.20,0.090",
  );
});

Deno.test("a Markdown table has a rule that aligns words to the left and numbers to the right", () => {
  assertEquals(
    markdownTable(["model", "score", "note"], [["student", "90.1", "best"]], ["note"]),
    "| model | score | note |\n| --- | ---: | --- |\n| student | 90.1 | best |",
  );
});

Deno.test("a comparison marks the best of every column and of the mean", () => {
  const lines = comparisonText(madeUpRun().rows).split("\n");
  assertEquals(lines.length, 11); // two are the verdicts
  assertEquals(lines[2]?.trim().split(/ +/), ["student", "92.4", "78.1", "88.9", "61.7", "80.3*"]);
  assertEquals(lines[3]?.split(/ +/)[1], "93.6*");
});

Deno.test("a task that was not measured has a dash, and its model no mean", () => {
  const [first, ...rest] = madeUpRun().rows;
  const text = comparisonText(rest);
  assertStringIncludes(text.split("\n").find((line) => line.startsWith("student")) ?? "", " - ");
  assertEquals(scorecard(rest).lines.find(({ model }) => model === "student")?.mean, undefined);
  assertEquals(scorecard([first!, { ...first!, value: 1 }]).lines[0]?.mean, 1);
  assertEquals(comparisonText([]), "model\n─────");
  const twice = comparisonText([first!, { ...first!, metric: "logistic", value: 1 }]);
  assertStringIncludes(twice, `${first!.metric}, %`);
  assertStringIncludes(twice, "logistic, %");
});

Deno.test("costs have three digits", () => {
  assertEquals([812_345, 85_799_424, 1.2e9, 999].map(millions), [
    "0.812 M",
    "85.8 M",
    "1200 M",
    "0.0010 M",
  ]);
  const text = costText([{ model: "a", parameters: 1e6 }]);
  assertEquals(text.split("\n")[2]?.split(/ +/), ["a", "1.00", "M", "-", "-"]);
});
