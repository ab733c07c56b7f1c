/** The table of past runs, against numbers that other code computed of made-up results. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { gatherPastRuns } from "../../../lib/advice/past/gather_past_runs.ts";
import type { Experiment } from "../../../lib/experiments/experiment.ts";
import { defineExperiment } from "../../../lib/experiments/experiment.ts";
import { type ExperimentResult, rowDigest } from "../../../lib/experiments/results.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { golden } from "../../golden_values_fixture.ts";

const { past } = golden<{
  readonly past: {
    readonly results: Record<string, Record<string, Record<string, number>>>;
    readonly against: string;
    readonly runs: Record<string, { readonly leads: number[]; readonly places: number[] }>;
    readonly increments: readonly number[];
  };
}>("advice/advice");

const recipe = {
  images: { sources: [{ path: "photos", limit: 500 }], size: 32 },
  teachers: [{ name: "first", inputSize: 96 }, "second"],
  student: { width: 96, depth: 4, heads: 3, patchSize: 8 },
  optimization: { batchSize: 16, steps: 10 },
} as const;
const plain = { ...recipe, balancing: { kind: "none" } } as const;

const experiment: Experiment = defineExperiment({
  name: "job",
  title: "Job",
  paper: "none",
  description: "Made up.",
  rows: [
    { name: "plain", recipe: plain },
    { name: "whole", recipe },
    { name: "again", recipe },
    { name: "one", recipe: { ...recipe, teachers: ["first"] } },
    { name: "first", model: "first@96" },
    { name: "second", model: "second" },
    { name: "both", model: "first@96+second" },
  ],
  seeds: [0, 1],
  tasks: ["a", "b"],
  columns: [],
  claims: [],
});

/** The results, with two minutes of training and measures that do not count. */
function results(): ExperimentResult[] {
  const rows: Record<string, typeof past.results[string]> = {
    ...past.results,
    again: past.results.whole!,
    one: past.results.whole!,
    both: { 0: { "knn a": 100, "knn b": 100, "logistic a": 100, "logistic b": 100 } },
  };
  return Object.entries(rows).flatMap(([name, seeds]) => {
    const row = experiment.rows.find((row) => row.name === name)!;
    return Object.entries(seeds).flatMap(([seed, measures]) =>
      Object.entries({ ...measures, seconds: 120, "knn a by chosen readout": 3 }).map((
        [measure, value],
      ) => ({
        ...{ row: name, seed: Number(seed), recipe: rowDigest(experiment, row), measure, value },
        ...{ date: "2026-01-01", machine: "made up" },
      }))
    );
  });
}

const outcome = { experiment, results: results() };
const pair = { component: "dropping", outcome, without: "plain", with: "whole" } as const;
const table = gatherPastRuns({
  students: [{ outcome, teachers: outcome }],
  recorded: [],
  pairs: [pair],
});

Deno.test("students of several teachers, each recipe once, beside the best single one", () => {
  assertEquals(table.runs.map(({ source }) => source), ["job plain", "job whole"]);
  for (const run of table.runs) {
    const expected = past.runs[run.source.slice("job ".length)]!;
    // Kept with two decimals.
    expected.leads.forEach((lead, seed) => assertAlmostEquals(run.leads[seed]!, lead, 0.0051));
    expected.places.forEach((place, seed) => assertAlmostEquals(run.places[seed]!, place, 0.0051));
    assertEquals([run.against, run.teachers, run.minutes], [past.against, 2, 2]);
    // Ten steps of sixteen.
    assertEquals(run.seen, 160);
    assertEquals([run.images, run.imageCount, run.start], ["real", 500, "scratch"]);
    assertEquals([run.teacherKind, run.besideAll], ["pretrained", true]);
  }
});

Deno.test("a run with a budget took the minutes that were planned, however busy its machine was", () => {
  const planned = outcome.results.filter(({ measure }) => measure === "seconds")
    .map((result) => ({ ...result, measure: "planned seconds", value: 90 }));
  const busy = { experiment, results: [...outcome.results, ...planned] };
  const { runs } = gatherPastRuns({
    ...{ students: [{ outcome: busy, teachers: busy }], recorded: [], pairs: [] },
  });
  assertEquals(runs.map(({ minutes }) => minutes), [1.5, 1.5]);
});

Deno.test("increments by seed of rows that differ by one part", () => {
  const [group] = table.components;
  assertEquals([group?.component, group?.start, group?.images], ["dropping", "scratch", "real"]);
  past.increments.forEach((value, i) => assertAlmostEquals(group!.increments[i]!, value, 0.0051));
  assertEquals(group?.sources, ["job: whole beside plain"]);
});

Deno.test("where not all teachers were measured, the source of the student is what it is set beside", () => {
  const warm = {
    ...experiment,
    rows: [
      { name: "plain", recipe: { ...recipe, student: { ...recipe.student, from: "first" } } },
      { name: "cold", recipe },
      experiment.rows[4]!,
    ],
  };
  const digests = (name: string) => rowDigest(warm, warm.rows.find((row) => row.name === name)!);
  const list = results().filter(({ row }) => ["plain", "whole", "first"].includes(row))
    .map((result) => result.row === "whole" ? { ...result, row: "cold" } : result)
    .map((result) => ({ ...result, recipe: digests(result.row) }));
  const one = { experiment: warm, results: list };
  const { runs } = gatherPastRuns({
    ...{ students: [{ outcome: one, teachers: one }], recorded: [], pairs: [] },
  });
  assertEquals(runs.map(({ source }) => source), ["job plain"]);
  assertEquals([runs[0]!.besideAll, runs[0]!.against, runs[0]!.places], [false, "first", []]);
  assertEquals(runs[0]!.start, "network");
});

Deno.test("a run that was recorded by itself counts with its teachers", () => {
  const recorded = {
    recipe: defineRecipe({ ...recipe, name: "alone", teachers: ["specialist_a", "specialist_b"] }),
    means: new Map([["student", 70], ["specialist_a", 60], ["specialist_b", 50], ["pixels", 99]]),
    ...{ minutes: 3, seen: 500 },
  };
  const { runs: [run] } = gatherPastRuns({ students: [], recorded: [recorded], pairs: [] });
  assert(run !== undefined);
  assertEquals([run.source, run.leads, run.places], ["alone", [10], [3]]);
  assertEquals([run.teacherKind, run.seen], ["specialists", 500]);
});
