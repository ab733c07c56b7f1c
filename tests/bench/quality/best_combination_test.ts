import { assertEquals } from "@std/assert";
import { bestCombination } from "../../../lib/bench/quality/best_combination.ts";
import { qualityExperiment, rowName } from "../../../lib/bench/quality/quality_experiment.ts";
import { rowDigest } from "../../../lib/experiments/results.ts";
import type { QualityOption, QualitySet } from "../../../recipes/quality.ts";
import { tinyQuality } from "./tiny_quality_fixture.ts";

const option = (name: string, changes: string, batchSize: number): QualityOption => ({
  ...{ name, title: name, over: "base", changes },
  recipe: (recipe) => ({ ...recipe, optimization: { ...recipe.optimization, batchSize } }),
});

const set: QualitySet = {
  ...tinyQuality,
  options: [
    tinyQuality.options[0]!,
    ...[option("surely", "a", 2), option("more", "a", 3), option("perhaps", "b", 4)],
    ...[option("other", "c", 5), option("worse", "d", 6)],
  ],
};

/** Accuracies of three seeds by row. */
const accuracies: Readonly<Record<string, readonly number[]>> = {
  base: [60, 61, 62],
  surely: [61, 62, 63.1],
  more: [62, 63, 64.1],
  perhaps: [65, 60, 62],
  other: [60.5, 61.4, 62.5],
  worse: [59, 60, 61.1],
};

Deno.test("what surely helps is joined, and of two that change the same the better one", () => {
  const names = set.options.map(({ name }) => name);
  const minutes = [10];
  const experiment = qualityExperiment(set, { minutes, seeds: 3, names, validation: true });
  const results = experiment.rows.flatMap((row) =>
    [0, 1, 2].flatMap((seed) =>
      ["knn digits", "logistic digits"].map((measure, i) => ({
        ...{ row: row.name, seed, measure, recipe: rowDigest(experiment, row) },
        // The score is the mean of both.
        value: accuracies[row.name.slice(0, -3)]![seed]! + (i === 0 ? 2 : -2),
        ...{ date: "2026-11-29", machine: "here" },
      }))
    )
  );
  assertEquals(experiment.rows.map(({ name }) => name), names.map((name) => rowName(name, 10)));
  assertEquals(bestCombination(set, { experiment, results }, minutes), ["more", "other"]);
  assertEquals(bestCombination(set, { experiment, results: [] }, minutes), []);
});
