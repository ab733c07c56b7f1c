import { assertEquals } from "@std/assert";
import type { Verdict } from "../../../lib/metrics/comparison/evaluation_row.ts";
import { metricNames } from "../../../lib/metrics/comparison/evaluation_metric.ts";
import { taskTableMarkdown, taskTables } from "../../../lib/report/tables/task_table.ts";

const verdict = (outcome: Verdict["outcome"], difference: number): Verdict => ({
  ...{ outcome, against: "teacher", difference },
  ...{ low: difference - 1, high: difference + 1, p: 0.5 },
});
const row = (model: string, task: string, value: number, judged?: Verdict) => ({
  ...{ model, task, metric: metricNames.knn, value, low: 0, high: 100, images: 10, seconds: 1 },
  verdict: judged,
});
const rows = [
  row("student", "digits", 90, verdict("win", 5)),
  row("student", "flowers", 60, verdict("tie", -0.5)),
  row("student", "rooms", 30, verdict("loss", -10)),
  row("teacher", "digits", 85),
  row("teacher", "flowers", 60.5),
  row("teacher", "rooms", 40),
];

Deno.test("a verdict says who beats whom and by how much, the last line how often", () => {
  const [table] = taskTables(rows, (text) => `*${text}*`);
  assertEquals(table, {
    metric: metricNames.knn,
    header: ["task", "student", "teacher", "verdict"],
    body: [
      ["digits", "*90.0*", "85.0", "wins by 5.0 over teacher"],
      ["flowers", "60.0", "*60.5*", "ties (−0.5) with teacher"],
      ["rooms", "30.0", "*40.0*", "loses by 10.0 to teacher"],
      ["mean", "60.0", "*61.8*", "wins 1, ties 1, loses 1"],
    ],
  });
});

Deno.test("in Markdown words stand to the left", () => {
  const [title, , header, rule] = taskTableMarkdown(rows).split("\n");
  assertEquals(title, `**${metricNames.knn}, %**`);
  assertEquals([header, rule], [
    "| task | student | teacher | verdict |",
    "| --- | ---: | ---: | --- |",
  ]);
});
