/** Which process fills which cell. */
import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { cellsOf, type ExperimentCell } from "../../lib/experiments/cells.ts";
import { cellsOfShard } from "../../lib/experiments/cells_of_shard.ts";
import type { Experiment, ExperimentRow } from "../../lib/experiments/experiment.ts";
import { experiment, tiny } from "./tiny_experiment_fixture.ts";

const row = (name: string): ExperimentRow => ({ name, labels: { name } as never });
const table: Experiment = {
  ...experiment,
  rows: [{ name: "pixels", model: "pixels" }, row("a"), row("b")],
  seeds: [0, 1, 2],
};
const namesOf = (cells: readonly ExperimentCell[]) =>
  cells.map(({ experiment, row, seed }) => `${experiment.name} ${row.name} ${seed}`);
const parts = (cells: readonly ExperimentCell[], of: number) =>
  Array.from({ length: of }, (_, i) => namesOf(cellsOfShard(cells, { part: i + 1, of })));

Deno.test("parts take the cells in turn, and hold each once", () => {
  const cells = cellsOf(table);
  assertEquals(parts(cells, 3), [
    ["tiny pixels 0", "tiny a 1", "tiny b 2"],
    ["tiny a 0", "tiny b 1"],
    ["tiny b 0", "tiny a 2"],
  ]);
  for (let of = 1; of <= cells.length; of++) {
    assertEquals(parts(cells, of).flat().sort(), namesOf(cells).sort(), `${of} parts`);
  }
});

Deno.test("cells that would measure the same, also under another name, belong to one part", () => {
  const other: Experiment = {
    ...{ ...experiment, name: "other", seeds: [1, 0] },
    rows: [{ ...table.rows[2]!, name: "renamed" }, row("c")],
  };
  const cells = [...cellsOf(table), ...cellsOf(other)];
  for (let of = 2; of <= 9; of++) {
    for (const part of parts(cells, of)) {
      for (const seed of [0, 1]) {
        const has = (name: string) => part.includes(`${name} ${seed}`);
        assertEquals(has("other renamed"), has("tiny b"), `seed ${seed} in ${of} parts`);
      }
    }
  }
  // Nine kinds of work: pixels, a and b with three seeds each, c with two.
  assertThrows(() => parts(cells, 10), UserError, "found 9 that can be filled by themselves");
});

Deno.test("all seeds of a row with a budget of minutes belong to one part: they share a plan", () => {
  const { optimization: { steps: _, ...optimization }, ...recipe } = tiny;
  const budget = { ...recipe, optimization, budget: { minutes: 1 } };
  const planned: Experiment = {
    ...experiment,
    rows: [{ name: "planned", recipe: budget }, row("a")],
    seeds: [0, 1, 2],
  };
  assertEquals(parts(cellsOf(planned), 2), [
    ["tiny planned 0", "tiny planned 1", "tiny a 1", "tiny planned 2"],
    ["tiny a 0", "tiny a 2"],
  ]);
});

Deno.test("more parts than cells are refused with their numbers", () => {
  assertThrows(
    () => cellsOfShard(cellsOf(experiment), { part: 1, of: 4 }),
    UserError,
    "Cannot part 3 cells into 4: found 3",
  );
});
