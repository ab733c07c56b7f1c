import { assertEquals, assertThrows } from "@std/assert";
import { cellsOf, findExperiment, isDone, measuredElsewhere } from "../../lib/experiments/cells.ts";
import { addExperimentResults, rowDigest } from "../../lib/experiments/results.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { experiment } from "./tiny_experiment_fixture.ts";

const names = (cells: ReturnType<typeof cellsOf>) =>
  cells.map(({ row, seed }) => `${row.name} ${seed}`);

Deno.test("cells come seed by seed, and frozen models once", () => {
  assertEquals(names(cellsOf(experiment)), ["student 0", "pixels 0", "student 1"]);
  assertEquals(names(cellsOf(experiment, { seeds: 1 })), ["student 0", "pixels 0"]);
  assertEquals(names(cellsOf(experiment, { rows: ["student"] })), ["student 0", "student 1"]);
});

Deno.test("unknown rows and experiments are refused, with the nearest names", () => {
  assertThrows(
    () => cellsOf(experiment, { rows: ["pixel"] }),
    UserError,
    'There is no row "pixel". Did you mean pixels?',
  );
  assertEquals(findExperiment([experiment], "tiny"), experiment);
  assertThrows(
    () => findExperiment([experiment], "zebra"),
    UserError,
    'There is no experiment "zebra". Known: tiny.',
  );
});

Deno.test("a cell is done where its recipe and seed have results, also of another experiment", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [cell, , next] = cellsOf(experiment);
    const path = `${folder}/other.csv`;
    await addExperimentResults(path, [{
      row: "student",
      seed: 0,
      recipe: rowDigest(experiment, cell!.row),
      measure: "knn digits",
      value: 12.5,
      date: "2026-11-27",
      machine: "2 cores",
    }]);
    assertEquals(await isDone(path, cell!), true);
    assertEquals(await isDone(path, next!), false, "of another seed");
    const renamed = { ...cell!, row: { ...cell!.row, name: "other" } };
    assertEquals(await isDone(path, renamed), false, "of another row");
    const changed = { ...cell!, experiment: { ...experiment, tasks: ["land_use"] } };
    assertEquals(await isDone(path, changed), false, "of another recipe or other tasks");
    assertEquals(await isDone(`${folder}/tiny.csv`, cell!), false, "there is no such file");
    const paths = [`${folder}/tiny.csv`, path];
    const results = await measuredElsewhere(paths, cell!);
    assertEquals(results.map(({ value }) => value), [12.5]);
    assertEquals(await measuredElsewhere(paths, next!), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
