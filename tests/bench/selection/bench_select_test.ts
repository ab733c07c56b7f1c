/** Whether ways to judge teachers foretell students: correlations, and what is missing. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { benchSelect, judge, setsOf } from "../../../lib/bench/selection/bench_select.ts";
import { selectTable } from "../../../lib/bench/selection/select_table.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { addExperimentResults, rowDigest } from "../../../lib/experiments/results.ts";
import { type SelectionProof, selectionProofs } from "../../../recipes/selection.ts";

await startEngine();

const [world] = selectionProofs as [SelectionProof];

/** Results of a row: every factor of the world at one value for each seed. */
async function distilled(path: string, row: string, values: readonly number[]) {
  const { experiment } = world;
  const recipe = rowDigest(experiment, experiment.rows.find(({ name }) => name === row)!);
  const measures = experiment.columns.find(({ title }) => title === world.column)!.measures;
  await addExperimentResults(
    path,
    values.flatMap((value, seed) =>
      measures.map((measure) => ({
        ...{ row, seed, recipe, measure, value, date: "2026-11-29", machine: "none" },
      }))
    ),
  );
}

Deno.test("every experiment has a row for every set of its teachers", () => {
  assertEquals(setsOf(3), [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]);
  for (const { experiment, teachers, column } of selectionProofs) {
    const rows = experiment.rows.map(({ name }) => name);
    for (const set of setsOf(teachers.length)) {
      const row = set.map((place) => teachers[place]!.row).join("_");
      assert(rows.includes(row), `${experiment.name}: ${row}`);
      const { recipe } = experiment.rows.find(({ name }) => name === row) as {
        recipe: { teachers: readonly (string | { readonly name: string })[] };
      };
      assertEquals(
        recipe.teachers.map((teacher) => typeof teacher === "string" ? teacher : teacher.name),
        set.map((place) => teachers[place]!.teacher.name),
      );
    }
    assert(experiment.columns.some(({ title }) => title === column));
    assert(world.experiment.seeds.length >= 3 && experiment.seeds.length >= 3);
  }
});

Deno.test("the order of a prediction is that of the students, and leads are over the same draws", () => {
  const outcome = [1, 2, 3, 4, 5, 6, 7, 8];
  const of = (name: string, isBaseline: boolean, values: readonly number[]) => ({
    ...{ name, isBaseline, values },
  });
  const [good, other, back, none] = judge(
    [
      of("probe of joined features", false, outcome),
      of("predicts all teachers, without labels", false, [2, 1, 3, 4, 5, 6, 7, 7]),
      of("backwards", true, outcome.toReversed()),
      of("nothing", true, outcome.map(() => 0)),
    ],
    outcome,
    "made_up",
  );
  assertEquals([good!.rho, good!.low, good!.high, good!.itsBest], [1, 1, 1, 8]);
  assert(other!.rho < 1 && other!.rho > 0.9 && other!.itsBest === 7.5);
  assertEquals([back!.rho, back!.itsBest], [-1, 1]);
  assertEquals(good!.leads, {});
  assertEquals(back!.leads["probe of joined features"], { rho: 2, low: 2, high: 2 });
  assertEquals([none!.rho, none!.itsBest], [0, 4.5]);
  assertAlmostEquals(none!.leads["predicts all teachers, without labels"]!.rho, other!.rho);
});

Deno.test("sets without students are named, and of too few there is no correlation", async () => {
  const results = await Deno.makeTempDir(), path = `${results}/experiments/world_combinations.csv`;
  const said: string[] = [];
  const run = () =>
    benchSelect([world], { results, limit: 60, onProgress: (line) => said.push(line) });
  for (const row of ["shape", "palette", "background"]) await distilled(path, row, [1, 2, 3]);
  const [few] = await run();
  assertEquals([few!.sets.length, few!.missing.length, few!.predictions], [3, 12, []]);
  assertStringIncludes(few!.why!, "3 of 15 sets");
  assertStringIncludes(selectTable([few!]).join("\n"), "No correlation: 3 of 15");
  await distilled(path, "parts", [50, 52]);
  await distilled(path, "palette_parts", [60, 61, 62]);
  const [enough] = await run();
  assert(enough!.missing.includes("parts, seed 2"), `${enough!.missing}`);
  assertEquals(enough!.sets.find(({ row }) => row === "parts")?.mean, 51);
  assertEquals(enough!.predictions.length, 11);
  for (const { rho, low, high } of enough!.predictions) assert(low <= rho && rho <= high);
  const text = selectTable([enough!]).join("\n");
  for (const part of ["5 of 15 sets", "best set's students reach 61.0 %", "at random (baseline)"]) {
    assertStringIncludes(text, part);
  }
  assert(said.some((line) => line === "world_combinations: not distilled: parts, seed 2"));
  await Deno.remove(results, { recursive: true });
});
