/**
 * A program that fills its part of a tiny experiment: `RESULTS RUNS PART/PARTS`, or all of it without a part. Its
 * stamp names no day and no machine, so that files can be compared byte by byte.
 */
import { cellsOf } from "../../lib/experiments/cells.ts";
import { cellsOfShard } from "../../lib/experiments/cells_of_shard.ts";
import { fillCells } from "../../lib/experiments/fill_cells.ts";
import { readShard } from "../../lib/io/shard.ts";
import { experiment } from "./tiny_experiment_fixture.ts";

const [results = "", runs = "", shard] = Deno.args;
await fillCells(experiment, {
  ...{ path: `${results}/tiny.csv`, runs, steps: 4 },
  stamp: { date: "2026-11-30", machine: "a machine" },
  own: shard === undefined ? undefined : cellsOfShard(cellsOf(experiment), readShard(shard)),
  onFilled: ({ row, seed }) => console.log(`${row.name} ${seed}`),
});
