/** Experiments that several processes share, and what a part does where others are behind. */
import { assertEquals } from "@std/assert";
import { runDeno } from "../engine/deno_subprocess_fixture.ts";
import { cellsOf, type ExperimentCell } from "../../lib/experiments/cells.ts";
import { cellsOfShard } from "../../lib/experiments/cells_of_shard.ts";
import { defineExperiment, type ExperimentRow } from "../../lib/experiments/experiment.ts";
import { cellName, fillCells } from "../../lib/experiments/fill_cells.ts";
import { resultsToMerge } from "../../lib/experiments/merge_results.ts";
import {
  addExperimentResults,
  type ExperimentResult,
  readExperimentResults,
  rowDigest,
} from "../../lib/experiments/results.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { experiment } from "./tiny_experiment_fixture.ts";

/** Runs the program of the fixture. */
async function fill(...args: string[]): Promise<string[]> {
  const program = "tests/experiments/shard_program_fixture.ts";
  const { code, stdout, stderr } = await runDeno(["run", "-q", "-A", program, ...args], {});
  assertEquals(code, 0, stderr);
  return stdout.trim().split("\n");
}

/** A file of results without what a clock measured. */
async function timeless(path: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  return lines.filter((line) => !/,(processor )?seconds,/.test(line));
}

Deno.test("two processes that share an experiment leave the bytes of one, together or apart", () =>
  inTemporaryFolder(async (folder) => {
    const whole = `${folder}/whole/tiny.csv`;
    const all = await fill(`${folder}/whole`, `${folder}/runs_of_one`);
    assertEquals(all, ["student 0", "pixels 0", "student 1"]);
    const parts = await Promise.all(
      ["1/2", "2/2"].map((part) => fill(`${folder}/both`, `${folder}/runs_of_both`, part)),
    );
    assertEquals(parts, [["student 0", "student 1"], ["pixels 0"]]);
    assertEquals(await timeless(`${folder}/both/tiny.csv`), await timeless(whole));

    // As if each had run in a checkout of its own: brought together, the very same file.
    const results = await readExperimentResults(whole), apart = `${folder}/apart/tiny.csv`;
    for (const part of [2, 1]) {
      const own = cellsOfShard(cellsOf(experiment), { part, of: 2 });
      const path = `${folder}/part_${part}/tiny.csv`;
      const isOwn = (one: ExperimentResult) =>
        own.some(({ row, seed }) => row.name === one.row && seed === one.seed);
      await addExperimentResults(path, results.filter(isOwn));
      const theirs = { results: await readExperimentResults(path), path };
      const ours = await readExperimentResults(apart);
      await addExperimentResults(apart, resultsToMerge(experiment, ours, theirs));
    }
    assertEquals(await Deno.readTextFile(apart), await Deno.readTextFile(whole));
  }));

Deno.test("a part fills its own cells, and further seeds once all parts have filled the first", () =>
  inTemporaryFolder(async (folder) => {
    const row = (name: string): ExperimentRow => ({ name, labels: { name } as never });
    const seeded = defineExperiment({
      ...{ name: "seeds", title: "Seeds", paper: "none", description: "", tasks: [] },
      rows: [row("a"), row("b"), row("c")],
      seeds: [0, 1, 2, 3, 4],
      enoughSeeds: 2,
      columns: [{ title: "x", measures: ["x"] }],
      claims: [{ claim: "", paper: "", from: "a", to: "b", column: "x", expected: "up" }],
    });
    // Measured elsewhere already, so that nothing is trained; of a and b no two seeds agree.
    const elsewhere = `${folder}/elsewhere.csv`, path = `${folder}/seeds.csv`;
    const values: Record<string, readonly number[]> = { a: [0, 0, 0, 0, 0], b: [1, -1, 2, -2, 0] };
    await addExperimentResults(
      elsewhere,
      cellsOf(seeded).map(({ row, seed }) => ({
        ...{ row: row.name, seed, recipe: rowDigest(seeded, row), measure: "x" },
        ...{ value: values[row.name]?.[seed] ?? 5, date: "2026-11-30", machine: "a machine" },
      })),
    );
    const part = async (part: number) => {
      const filled: string[] = [];
      const own = cellsOfShard(cellsOf(seeded), { part, of: 2 });
      const onFilled = (cell: ExperimentCell) => filled.push(cellName(cell).slice(6));
      const stamp = { date: "", machine: "" };
      const options = { path, runs: folder, stamp, others: [elsewhere], own, onFilled };
      assertEquals(await fillCells(seeded, options), undefined);
      return filled;
    };
    assertEquals(await part(1), ["a seed 0", "c seed 0", "b seed 1"]);
    assertEquals(await part(1), [], "the others are behind");
    // a 2 is of the first part: whoever is last goes on with its own, as far as that goes.
    assertEquals(await part(2), ["b seed 0", "a seed 1", "c seed 1", "b seed 2"]);
    assertEquals(await part(2), []);
    assertEquals(await part(1), ["a seed 2", "b seed 3"]);
    assertEquals(await part(2), ["a seed 3", "b seed 4"]);
    assertEquals(await part(1), ["a seed 4"]);
    assertEquals(await part(2), []);
    // The order of the file is that of one process.
    const alone = `${folder}/alone.csv`;
    await fillCells(seeded, {
      ...{ path: alone, runs: folder, stamp: { date: "", machine: "" }, others: [elsewhere] },
    });
    assertEquals(await Deno.readTextFile(path), await Deno.readTextFile(alone));
  }));
