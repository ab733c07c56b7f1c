/** When an experiment needs further seeds, and which of its rows. */
import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { defineExperiment, type ExperimentRow } from "../../lib/experiments/experiment.ts";
import { nextCells } from "../../lib/experiments/next_cells.ts";
import { rowDigest } from "../../lib/experiments/results.ts";

const rows = ["a", "b", "c"].map((name) => ({ name, labels: { name } as never } as ExperimentRow));
const claim = { claim: "", paper: "", column: "x", expected: "up" as const };
const experiment = defineExperiment({
  ...{ name: "seeds", title: "Seeds", paper: "none", description: "", tasks: [] },
  rows: [{ name: "pixels", model: "pixels" }, ...rows],
  seeds: [0, 1, 2, 3, 4],
  enoughSeeds: 3,
  columns: [{ title: "x", measures: ["x"] }],
  claims: [{ ...claim, from: "a", to: "b" }, { ...claim, from: "a", to: "c" }],
});

/** Values of seeds 0, 1, … by row. */
const outcome = (values: Readonly<Record<string, readonly number[]>>) =>
  Object.entries(values).flatMap(([name, values]) =>
    values.map((value, seed) => ({
      ...{ row: name, seed, measure: "x", value, date: "2026-11-29", machine: "here" },
      recipe: rowDigest(experiment, experiment.rows.find((row) => row.name === name)!),
    }))
  );
const names = (cells: ReturnType<typeof nextCells>) =>
  cells.map(({ row, seed }) => `${row.name} ${seed}`);
const sure = { pixels: [1], a: [1, 2, 3], b: [2, 3.1, 4] };

Deno.test("every row is run with the first seeds, whatever its claims say", () => {
  assertEquals(nextCells(experiment, []).length, 10);
  assertEquals(names(nextCells(experiment, outcome({ ...sure, c: [5, 6] }))), ["c 2"]);
});

Deno.test("then only rows of claims that are too noisy to tell, a seed at a time", () => {
  const noisy = { ...sure, c: [1, 1, 4] };
  assertEquals(names(nextCells(experiment, outcome(noisy))), ["a 3", "c 3"]);
  const next = { ...noisy, a: [1, 2, 3, 4] };
  assertEquals(names(nextCells(experiment, outcome(next))), ["c 3"]);
  // Differences of 0, -1, 1 and 1.5 lie on no side yet; a fifth seed is the last.
  const four = { ...next, c: [1, 1, 4, 5.5] };
  assertEquals(names(nextCells(experiment, outcome(four))), ["a 4", "c 4"]);
  const all = { ...four, a: [1, 2, 3, 4, 5], c: [1, 1, 4, 5.5, 5] };
  assertEquals(nextCells(experiment, outcome(all)), []);
});

Deno.test("an experiment whose claims are decided is done", () => {
  assertEquals(nextCells(experiment, outcome({ ...sure, c: [0, 1.1, 2] })), []);
  const { enoughSeeds: _, ...whole } = experiment;
  assertEquals(names(nextCells(whole, outcome({ ...sure, c: [0, 1.1, 2] }))), [
    ...["a 3", "b 3", "c 3", "a 4", "b 4", "c 4"],
  ]);
});

Deno.test("fewer seeds, and rows by name, are run where they are asked for", () => {
  const noisy = outcome({ ...sure, c: [1, 1, 4] });
  assertEquals(nextCells(experiment, noisy, { seeds: 3 }), []);
  assertEquals(names(nextCells(experiment, noisy, { rows: ["c"] })), ["c 3"]);
});

Deno.test("more seeds than there are cannot be enough", () => {
  for (const enoughSeeds of [1, 6, 2.5]) {
    assertThrows(
      () => defineExperiment({ ...experiment, enoughSeeds }),
      UserError,
      "a whole number from 2 to 5, its seeds",
    );
  }
});
