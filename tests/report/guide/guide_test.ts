/** The lines of the guide, of experiments and records that were made up. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { defineExperiment } from "../../../lib/experiments/experiment.ts";
import { type ExperimentResult, rowDigest } from "../../../lib/experiments/results.ts";
import { bySize } from "../../../lib/report/guide/by_size.ts";
import { bestFirst, finding, valueText } from "../../../lib/report/guide/effect.ts";
import { type GuideInput, tableLine } from "../../../lib/report/guide/guide_input.ts";
import { inDeployment } from "../../../lib/report/guide/in_deployment.ts";
import { whatItCosts } from "../../../lib/report/guide/what_it_costs.ts";
import { readGuideInput } from "../../../lib/cli/commands/repository/guide.ts";

const experiment = defineExperiment({
  ...{ name: "made_up", title: "Made up", paper: "none", description: "" },
  rows: [
    { name: "pixels", model: "pixels" },
    ...["a", "b"].map((name) => ({
      name,
      labels: { made: name } as never,
    })),
  ],
  seeds: [0, 1, 2],
  tasks: ["x", "y"],
  columns: [
    { title: "mean", measures: ["knn x", "knn y"] },
    { title: "loss", measures: ["loss"], lowerIsBetter: true },
  ],
  claims: [],
});

/** Results of rows by seed: of each measure the values of seeds 0, 1, … */
function outcome(values: Record<string, Record<string, number[]>>, machine = "2 cores (made up)") {
  const results = Object.entries(values).flatMap(([name, measures]) => {
    const row = experiment.rows.find((row) => row.name === name)!;
    return Object.entries(measures).flatMap(([measure, bySeed]) =>
      bySeed.map((value, seed): ExperimentResult => ({
        ...{ row: name, seed, recipe: rowDigest(experiment, row), measure, value },
        ...{ date: "2026-01-01", machine },
      }))
    );
  });
  return { experiment, results };
}

function inputOf(values: Parameters<typeof outcome>[0], records: Record<string, string> = {}) {
  return { outcomes: [outcome(values)], records: new Map(Object.entries(records)) };
}

const link = "[made_up](experiments.md#made_up)";
const pair = { experiment: "made_up", from: "a", to: "b" };

Deno.test("a difference is the mean over measures, seed by seed, with its standard deviation", () => {
  const values = {
    a: { "knn x": [10, 20, 30], "knn y": [20, 30, 40] },
    b: { "knn x": [12, 23, 34], "knn y": [22, 33, 44] },
  };
  assertEquals(finding(inputOf(values), "B", [pair]), {
    ...{ title: "B", decision: "worth it", text: `helps, +3.00 ± 1.00 (3 seeds, ${link})` },
  });
  const back = finding(inputOf(values), "A", [{ ...pair, from: "b", to: "a", when: "back" }]);
  assertEquals([back.decision, back.text], [
    ...["not worth it", `back: costs, −3.00 ± 1.00 (3 seeds, ${link})`],
  ]);
});

Deno.test("of what is better lower, a fall helps", () => {
  const values = { a: { loss: [5, 5, 5] }, b: { loss: [3, 3.1, 2.9] } };
  const { decision, text } = finding(inputOf(values), "B", [{ ...pair, columns: ["loss"] }]);
  assertEquals([decision, text], ["worth it", `helps, −2.00 ± 0.10 (3 seeds, ${link})`]);
});

Deno.test("one seed decides nothing, nor does noise, nor what was not run", () => {
  const both = (a: number[], b: number[]) =>
    inputOf({ a: { "knn x": a, "knn y": a }, b: { "knn x": b, "knn y": b } });
  const one = finding(both([10], [30]), "B", [pair]);
  assertEquals([one.decision, one.text], ["open", `one seed alone, +20.0 (${link})`]);
  const noise = finding(both([10, 20, 30], [14, 18, 31]), "B", [pair]);
  assertEquals([noise.decision, noise.text.slice(0, 12)], ["no difference seen", "within noise"]);
  const none = finding(both([], []), "B", [pair]);
  assertEquals([none.decision, none.text], ["open", `not measured (${link})`]);
});

Deno.test("differences that contradict each other are said to", () => {
  const values = {
    a: { "knn x": [1, 1, 1], "knn y": [1, 1, 1], loss: [1, 1, 1] },
    b: { "knn x": [9, 9, 8], "knn y": [9, 9, 8], loss: [3, 3, 2.9] },
    pixels: { "knn x": [5], "knn y": [5], loss: [7] },
  };
  const input = inputOf(values), loss = { ...pair, columns: ["loss"] };
  assertEquals(finding(input, "B", [pair, loss]).decision, "it depends");
  const noisy = inputOf({
    ...values,
    b: { ...values.b, loss: [3, -3, 1] },
  });
  assertEquals(finding(noisy, "B", [pair, loss]).decision, "worth it at times");
  assertEquals(
    finding(noisy, "B", [{ ...pair, from: "b", to: "a" }, loss]).decision,
    "not worth it at times",
  );
  assertEquals(valueText(input, { experiment: "made_up", row: "pixels", column: "mean" }), "5.00");
  assertEquals(
    valueText(input, { experiment: "made_up", row: "b", column: "mean" }),
    "8.67 ± 0.58",
  );
});

Deno.test("the best of several rows is found, not named", () => {
  const both = (x: number) => ({ "knn x": [x, x], "knn y": [x, x] });
  const order = (a: number, b: number) =>
    bestFirst(inputOf({ a: both(a), b: both(b) }), "made_up", ["a", "b", "pixels"]);
  assertEquals([order(1, 2), order(2, 1)], [["b", "a", "pixels"], ["a", "b", "pixels"]]);
});

Deno.test("an experiment, row or column that there is not is refused by its name", () => {
  const input = inputOf({});
  for (
    const [wrong, name] of [
      [{ ...pair, experiment: "other" }, "other"],
      [{ ...pair, to: "c" }, 'the row "c"'],
      [{ ...pair, columns: ["parts"] }, 'the column "parts"'],
    ] as const
  ) {
    const { message } = assertThrows(() => finding(input, "B", [wrong]), UserError);
    assertStringIncludes(message, name);
  }
});

Deno.test("costs: the mean of a run, measured or at most, and its energy at 12 W a core", () => {
  const seconds = { a: { seconds: [60, 120, 180] }, b: { seconds: [600, 600, 600] } };
  const line = (input: GuideInput) => whatItCosts(input).join("\n").split("\n").at(-2);
  // 360 s in the mean of six runs, on two cores: 720 s x 12 W = 8,640 J.
  assertEquals(line(inputOf(seconds)), `| ${link} | 6 | 6.0 | ≤ 720 | ≤ 0.0024 |`);
  const some = { ...seconds, a: { ...seconds.a, "processor seconds": [50, 50, 50] } };
  // Three of 50 s and three of 1,200 s at most.
  assertEquals(line(inputOf(some)), `| ${link} | 6 | 6.0 | ≤ 625 | ≤ 0.0021 |`);
  const single = { outcomes: [outcome(seconds, "1 core (made up)")], records: new Map() };
  assertEquals(line(single), `| ${link} | 6 | 6.0 | ≤ 360 | ≤ 0.0012 |`);
  const all = { ...some, b: { ...seconds.b, "processor seconds": [550, 550, 550] } };
  // 300 s x 12 W = 3,600 J.
  assertEquals(line(inputOf(all)), `| ${link} | 6 | 6.0 | 300 | 0.0010 |`);
  const demo =
    "`deno task demo`, 2026-11-29, 4 cores (x86_64 linux); 9 images in 1 h 02 min of training.";
  const runs = line(inputOf({}, { "demo.md": demo }));
  assertEquals(runs, "| [demo](results.md) | 1 | 62.0 | ≤ 14880 | ≤ 0.050 |");
});

Deno.test("what is on no record in use is said to be not measured", () => {
  const lines = inDeployment(inputOf({}));
  for (const title of ["Cost of an image", "Calibration", "Drift", "Update", "Serving"]) {
    const line = lines.find((line) => line.startsWith(`- **${title}**`)) ?? "";
    assertStringIncludes(line, ": not measured (");
  }
  assertThrows(
    () => inDeployment(inputOf({}, { "torture.json": "{}" })),
    UserError,
    "torture.json",
  );
});

Deno.test("the curve of compression stands on the page where it was recorded", async () => {
  const folder = new URL("../../../data/results", import.meta.url).pathname;
  const { outcomes } = await readGuideInput(folder);
  const point = (name: string, bits: number, accuracy: number) => ({
    ...{ name, bits, accuracy, bytes: 2.5e6, milliseconds: 1.234, difference: 0.01 * bits },
  });
  const record = JSON.stringify({
    student: "mine",
    points: [point("full", 32, 60), point("full", 16, 60), point("pruned_0.5", 8, 57.5)],
  });
  const of = (records: Record<string, string>) => {
    const input = { outcomes, records: new Map(Object.entries(records)) };
    return [...bySize(input), ...inDeployment(input)].filter((line) => typeof line === "string")
      .join("\n");
  };
  assert(!of({}).includes("## Compression"));
  assertStringIncludes(of({}), "no figure is on record");
  const shown = of({ "compress.json": record });
  assertStringIncludes(shown, "| pruned_0.5, 8 bits | 2.5 | 1.23 | 57.5 | −2.5 |");
  assert(!shown.includes("16 bits |") && !shown.includes(".png"));
  assertStringIncludes(shown, "32 bits 0.32, 16 bits 0.16, 8 bits 0.08");
  const pictured = of({ "compress.json": record, "compress_milliseconds.png": "" });
  assertStringIncludes(pictured, "(../data/results/compress_milliseconds.png)");
});

Deno.test("a line of a table is found by its first cell, under the titles of that table", () => {
  const record = "| model | a | b |\n| --- | ---: | ---: |\n| student | **1** | 2 |\n";
  assertEquals(Object.fromEntries(tableLine(record, "student") ?? []), {
    ...{ model: "student", a: "1", b: "2" },
  });
  assertEquals(tableLine(record, "teacher"), undefined);
  assertEquals(tableLine(undefined, "student"), undefined);
});
