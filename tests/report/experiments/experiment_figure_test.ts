import { assertEquals } from "@std/assert";
import { defineExperiment } from "../../../lib/experiments/experiment.ts";
import { rowDigest } from "../../../lib/experiments/results.ts";
import { experimentFigure } from "../../../lib/report/experiments/experiment_figure.ts";
import { experimentsPage } from "../../../lib/report/experiments/experiment_page.ts";
import experiments from "../../../recipes/experiments/experiments.ts";

const figure = {
  title: "Over <time>",
  xTitle: "% of the run",
  yTitle: "loss",
  x: [50, 100],
  lines: ["a", "b"].map((row) => ({
    title: `row ${row}`,
    row,
    measure: (x: number) => `loss at ${x} %`,
  })),
};
const experiment = defineExperiment({
  name: "times",
  title: "Times",
  paper: "Fig. 0",
  description: "Made up.",
  rows: ["a", "b"].map((name) => ({ name, labels: { note: name } as never })),
  seeds: [0, 1],
  tasks: [],
  columns: [{ title: "end", measures: ["loss at 100 %"] }],
  claims: [{
    claim: "a loses",
    paper: "-1",
    from: "a",
    to: "a",
    fromColumn: ["loss at 50 %"],
    column: "end",
    expected: "down",
  }],
  figures: [figure],
});
const results = [[0, 50, 4], [1, 50, 6], [0, 100, 1], [1, 100, 1]].map(([seed, x, value]) => ({
  row: "a",
  seed: seed!,
  recipe: rowDigest(experiment, experiment.rows[0]!),
  measure: `loss at ${x} %`,
  value: value!,
  date: "2026-11-27",
  machine: "2 cores",
}));

Deno.test("a figure shows means with their deviations, and nothing of rows that have not been run", () => {
  const { data, layout } = experimentFigure({ experiment, results }, figure);
  const [a, b] = data;
  assertEquals(a?.x, [50, 100]);
  assertEquals(a?.y, [5, 1]);
  assertEquals((a?.error_y as { array: number[] }).array, [Math.SQRT2, 0]);
  assertEquals(b?.x, []);
  assertEquals((layout.xaxis as { range: number[] }).range, [48.5, 101.5]);
});

Deno.test("a line may go over rows, and show the mean of measures on an axis that does not begin at zero", () => {
  const [line] = figure.lines;
  const over = {
    ...{ ...figure, zero: false, x: [1] },
    lines: [{ ...line!, row: () => "a", measure: () => ["loss at 50 %", "loss at 100 %"] }],
  };
  const { data, layout } = experimentFigure({ experiment, results }, over);
  assertEquals(data[0]?.y, [3]);
  assertEquals((layout.yaxis as { rangemode: string }).rangemode, "normal");
  assertEquals((layout.xaxis as { range: number[] }).range, [0, 2], "one place has room around it");
});

Deno.test("the page says which seeds are for undecided claims only", () => {
  const page = experimentsPage([{
    experiment: { ...experiment, seeds: [0, 1, 2], enoughSeeds: 2 },
    results,
  }]);
  assertEquals(
    page.includes("Seeds: 0, 1, and up to 2 for claims that are too noisy to tell."),
    true,
  );
});

Deno.test("a claim may compare two moments of one row, and the page shows the figure", () => {
  const page = experimentsPage([{ experiment, results }]);
  assertEquals(page.includes("| -4.00 ± 1.41 |"), true, page);
  assertEquals(page.includes("Over <time>:\n\n![Over <time>](experiments/times_1.png)"), true);
});

Deno.test("the picture of every figure of an experiment that was run is there", async () => {
  for (const { name, figures = [] } of experiments) {
    const file = (path: string) => new URL(`../../../${path}`, import.meta.url);
    if (
      await Deno.stat(file(`data/results/experiments/${name}.csv`)).then(() => false, () => true)
    ) continue;
    for (const i of figures.keys()) {
      await Deno.stat(file(`docs/experiments/${name}_${i + 1}.png`));
    }
  }
});
