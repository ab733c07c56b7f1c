/** Results of parts that ran in checkouts of their own. */
import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { resultsToMerge } from "../../lib/experiments/merge_results.ts";
import { type ExperimentResult, rowDigest } from "../../lib/experiments/results.ts";
import { experiment } from "./tiny_experiment_fixture.ts";

const [student, pixels] = experiment.rows.map((row) => ({
  ...{ row: row.name, recipe: rowDigest(experiment, row), measure: "knn digits", value: 1 },
  ...{ date: "2026-11-30", machine: "2 cores" },
})) as [Omit<ExperimentResult, "seed">, Omit<ExperimentResult, "seed">];
const merge = (ours: ExperimentResult[], theirs: ExperimentResult[]) =>
  resultsToMerge(experiment, ours, { results: theirs, path: "other/tiny.csv" });

Deno.test("only cells that are missing are taken over, and only those of the experiment as it is", () => {
  const [first, second] = [0, 1].map((seed) => ({ ...student, seed }));
  const frozen = { ...pixels, seed: 0 };
  const more = { ...second!, measure: "seconds", value: 7 };
  assertEquals(merge([], [frozen, first!, second!, more]), [first!, frozen, second!, more]);
  assertEquals(merge([first!], [first!, second!, more]), [second, more]);
  const strange = [
    { ...first!, recipe: "stale" },
    { ...first!, row: "nobody" },
    { ...first!, seed: 7 },
    { ...frozen, seed: 1 },
  ];
  assertEquals(merge([], strange), []);
  assertEquals(
    merge([{ ...first!, recipe: "stale" }], [first!]),
    [first],
    "in place of a changed recipe's",
  );
});

Deno.test("a cell that was measured twice with different results is refused, with both places", () => {
  const one = { ...student, seed: 1 };
  const { message } = assertThrows(
    () => merge([one], [{ ...one, value: 2, machine: "8 cores" }]),
    UserError,
    'Cannot take over "other/tiny.csv": found other results of row student, seed 1',
  );
  assertEquals(message.includes("8 cores; on file 2026-11-30, 2 cores"), true, message);
});
