import { assertEquals, assertStringIncludes } from "@std/assert";
import { defineExperiment } from "../../../lib/experiments/experiment.ts";
import { judgeClaims } from "../../../lib/experiments/judge_claims.ts";
import { readExperimentResults, rowDigest } from "../../../lib/experiments/results.ts";
import {
  experimentsPage,
  experimentTable,
} from "../../../lib/report/experiments/experiment_page.ts";
import experiments from "../../../recipes/experiments/experiments.ts";

const experiment = defineExperiment({
  name: "models",
  title: "Models",
  paper: "Table 0",
  description: "Made up.",
  rows: [
    { name: "pixels", model: "pixels" },
    { name: "a", title: "a student", labels: { note: "first" } as never },
    { name: "b", labels: { note: "second" } as never },
  ],
  seeds: [0, 1, 2],
  tasks: [],
  columns: [{ title: "mean", measures: ["x", "y"] }],
  claims: [
    { claim: "b beats a", paper: "+1", from: "a", to: "b", column: "mean", expected: "up" },
    {
      claim: "a beats pixels",
      paper: "+1",
      from: "pixels",
      to: "a",
      column: ["x"],
      expected: "up",
    },
  ],
});

const result = (name: string, seed: number, measure: string, value: number) => ({
  row: name,
  seed,
  recipe: rowDigest(experiment, experiment.rows.find((row) => row.name === name)!),
  measure,
  value,
  date: "2026-11-27",
  machine: "2 cores",
});

const results = [
  result("pixels", 0, "x", 10),
  result("pixels", 0, "y", 20),
  ...[0, 1, 2].flatMap((seed) => [
    result("a", seed, "x", 30 + seed),
    result("a", seed, "y", 50 - seed),
    result("b", seed, "x", 32 + seed),
    result("b", seed, "y", 52),
  ]),
];

Deno.test("claims are judged by increments of the same seed, frozen models count for all seeds", () => {
  const [up, pixels] = judgeClaims({ experiment, results });
  assertEquals(up?.increments, [2, 2.5, 3]);
  assertEquals(up?.verdict, "agrees");
  assertEquals(pixels?.increments, [20, 21, 22]);
});

Deno.test("no difference is found between accuracies within a point, not between losses", () => {
  const verdictOn = (measure: string) => {
    const compared = {
      ...experiment,
      claims: [{ ...experiment.claims[0]!, column: [measure] }],
    };
    const values = [0.1, 0, -0.1].flatMap((difference, seed) => [
      result("a", seed, measure, 50),
      result("b", seed, measure, 50 + difference),
    ]);
    return judgeClaims({ experiment: compared, results: values })[0]?.verdict;
  };
  assertEquals(verdictOn("knn digits"), "no difference");
  assertEquals(verdictOn("segmentation pets"), "no difference");
  assertEquals(verdictOn("loss ratio"), "too noisy to tell");
  assertEquals(verdictOn("share world_shape"), "too noisy to tell");
});

Deno.test("results of a recipe that has been changed do not count", () => {
  const stale = results.map((one) => one.row === "b" ? { ...one, recipe: "stale" } : one);
  assertEquals(judgeClaims({ experiment, results: stale })[0]?.verdict, "not run");
});

Deno.test("the table shows means with their deviations, and rows that were run", () => {
  const lines = experimentTable({ experiment, results }).split("\n");
  assertEquals(lines.slice(2), [
    "| pixels | 15.0 |",
    "| a student | 40.0 ± 0.0 |",
    "| b | 42.5 ± 0.5 |",
  ]);
  const few = results.filter(({ row, seed }) => row === "a" && seed === 1);
  assertEquals(experimentTable({ experiment, results: few }).split("\n").slice(2), [
    "| a student | 40.0 (one seed) |",
  ]);
});

Deno.test("the page counts verdicts and says what has not been run", () => {
  const page = experimentsPage([{ experiment, results }, {
    experiment: { ...experiment, name: "others" },
    results: [],
  }]);
  assertStringIncludes(
    page,
    "Of 4 claims 2 agree, 0 disagree, 0 show no difference, 0 are too noisy to tell and 2 have not",
  );
  assertStringIncludes(page, "`deno task experiments others`: not run yet.");
});

Deno.test("docs/experiments.md is what the results on file amount to", async () => {
  const outcomes = await Promise.all(experiments.map(async (one) => ({
    experiment: one,
    results: await readExperimentResults(
      new URL(`../../../data/results/experiments/${one.name}.csv`, import.meta.url).pathname,
    ),
  })));
  const page = await Deno.readTextFile(new URL("../../../docs/experiments.md", import.meta.url));
  assertEquals(page, experimentsPage(outcomes));
});
