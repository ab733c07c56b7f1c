/** Experiments as values: names that fit each other, and the package's own. */
import { assertEquals, assertThrows } from "@std/assert";
import { defineExperiment, type Experiment } from "../../lib/experiments/experiment.ts";
import { rowDigest } from "../../lib/experiments/results.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import experiments from "../../recipes/experiments/experiments.ts";
import { experiment } from "./tiny_experiment_fixture.ts";

Deno.test("names that do not fit are found before anything is trained", () => {
  const claim = {
    claim: "c",
    paper: "p",
    from: "pixels",
    to: "student",
    column: "digits",
    expected: "up",
  } as const;
  assertEquals(defineExperiment({ ...experiment, claims: [claim] }).claims.length, 1);
  const figure = {
    title: "f",
    xTitle: "x",
    yTitle: "y",
    x: [1],
    lines: [{ title: "l", row: "pixel", measure: () => "m" }],
  };
  const wrong: [change: Partial<Experiment>, found: string][] = [
    [{ name: "Tiny!" }, "its name"],
    [{ seeds: [] }, "no seeds"],
    [{ rows: [...experiment.rows, { name: "pixels", model: "random" }] }, 'the row "pixels"'],
    [{ claims: [{ ...claim, from: "pixel" }] }, 'the row "pixel" in the claim "c"'],
    [{ claims: [{ ...claim, to: "pixel" }] }, 'the row "pixel" in the claim "c"'],
    [{ claims: [{ ...claim, column: "digit" }] }, 'the column "digit"'],
    [{ claims: [{ ...claim, fromColumn: "digit" }] }, 'the column "digit" in the claim "c"'],
    [{ figures: [figure] }, 'the row "pixel" in the figure "f"'],
  ];
  for (const [change, found] of wrong) {
    assertThrows(() => defineExperiment({ ...experiment, ...change }), UserError, found);
  }
});

Deno.test("every recipe of every experiment is one, and names differ", () => {
  assertEquals(new Set(experiments.map(({ name }) => name)).size, experiments.length);
  for (const { name, rows, tasks } of experiments) {
    for (const row of rows) {
      if ("recipe" in row) defineRecipe({ ...row.recipe, name: `${name}.${row.name}`, seed: 1 });
    }
    const digests = rows.map((row) => rowDigest({ tasks }, row));
    assertEquals(new Set(digests).size, rows.length, `${name}: two rows train the same`);
  }
});
