/** The whole comparison at equal minutes, on a few generated images, one small teacher and seconds. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { benchQuality, qualityResultsPath } from "../../../lib/bench/quality/bench_quality.ts";
import { qualityTable } from "../../../lib/bench/quality/quality_table.ts";
import { continueQuality, recordQuality } from "../../../lib/bench/quality/record_quality.ts";
import { rowName } from "../../../lib/bench/quality/quality_experiment.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { readExperimentResults } from "../../../lib/experiments/results.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { quality } from "../../../recipes/quality.ts";
import { tinyQuality } from "./tiny_quality_fixture.ts";

const minutes = [0.03];
const stamp = { date: "2026-11-29", machine: "here" };

Deno.test("options are measured on held-out images, the best are joined, and all is measured on test images", async () => {
  const runs = await Deno.makeTempDir();
  try {
    const lines: string[] = [];
    // A clock that knows no load: 60 ms from one look to the next.
    let time = 0;
    const now = () => time += 60;
    const output = { runs, stamp, now, onProgress: (line: string) => lines.push(line) };
    const request = { minutes, seeds: 1, options: [] };
    await assertRejects(
      () => benchQuality(tinyQuality, { ...request, validate: false }, output),
      UserError,
      "--validate first",
    );
    const planning = { ...request, seeds: 2, validate: true, planOnly: true };
    const signal = AbortSignal.abort();
    assert(!(await benchQuality(tinyQuality, planning, { ...output, signal })).finished);
    assertEquals(lines, [], "an interrupt is no plan");
    const planned = await benchQuality(tinyQuality, planning, output);
    assertEquals([planned.finished, planned.outcome.results], [false, []]);
    assertEquals(lines.splice(0), ["base_0_03: planned", "one_axis_0_03: planned"]);
    const readPlans = async (): Promise<unknown[]> =>
      JSON.parse(await Deno.readTextFile(`${runs}/plans.json`));
    const plans = await readPlans();
    assertEquals(plans.length, 2);
    const chosen = await benchQuality(tinyQuality, { ...request, validate: true }, output);
    const used = new Set((await readPlans()).map((plan) => JSON.stringify(plan)));
    assert(plans.every((plan) => used.has(JSON.stringify(plan))), "what was planned is kept");
    const validated = await readExperimentResults(qualityResultsPath(runs, true));
    const rows = [...new Set(validated.map(({ row }) => row))];
    assertEquals(rows.toSorted(), ["base", "best", "one_axis"].map((name) => rowName(name, 0.03)));
    assert(lines.some((line) => line.startsWith("the best combination: ")));
    assertEquals(await readExperimentResults(qualityResultsPath(runs, false)), []);
    // Everything is done: neither the clock nor the engine can change a number.
    const again = await benchQuality(tinyQuality, { ...request, validate: true }, output);
    assertEquals(again.outcome.results, chosen.outcome.results);
    const tested = await benchQuality(tinyQuality, { ...request, validate: false }, output);
    assert(tested.finished);
    const [table = ""] = [qualityTable(tinyQuality, tested.outcome, tested.plan).join("\n")];
    assertStringIncludes(table, "| the base |");
    assertStringIncludes(table, "best combination (");
    const folder = `${runs}/record`, command = "deno task bench quality";
    const more = await benchQuality(tinyQuality, planning, output);
    await recordQuality(tinyQuality, more, { folder, runs, command });
    assertStringIncludes(
      await Deno.readTextFile(`${folder}/validation.md`),
      "So far 2 of 4 runs are measured",
    );
    await recordQuality(tinyQuality, tested, { folder, runs, command });
    await recordQuality(tinyQuality, again, { folder, runs, command });
    assertStringIncludes(await Deno.readTextFile(`${folder}/quality.md`), table.trim());
    assertStringIncludes(
      await Deno.readTextFile(`${folder}/validation.md`),
      "a third of each train part",
    );
    assert((await Deno.readFile(`${folder}/quality.png`)).length > 1000);
    assertEquals(await continueQuality({ folder, runs }), false, "it has results of its own");
    // Another machine goes on from the record: nothing is trained, and rows keep their plans.
    const elsewhere = `${runs}/elsewhere`;
    assertEquals(await continueQuality({ folder, runs: elsewhere }), true);
    const there = { ...output, runs: elsewhere };
    const kept = await benchQuality(tinyQuality, { ...request, validate: true }, there);
    assertEquals(kept.outcome.results, chosen.outcome.results);
    const names = [...Deno.readDirSync(elsewhere)].map(({ name }) => name);
    assertEquals(names.toSorted(), ["plans.json", "quality.csv", "validation.csv"]);
    const texts = await Promise.all(
      [runs, elsewhere].map((folder) => Deno.readTextFile(`${folder}/plans.json`)),
    );
    assertEquals(texts[1], texts[0]);
    const left = [...Deno.readDirSync(`${runs}/bench_quality`)].map(({ name }) => name);
    assert(left.every((name) => !name.endsWith("_features")), "features are not kept");
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
});

Deno.test("an unknown row is refused with the nearest name", async () => {
  await assertRejects(
    () =>
      benchQuality(quality, { minutes, seeds: 1, options: ["frozen_6"], validate: true }, {
        ...{ runs: "/nonexistent", stamp },
      }),
    UserError,
    'There is no option "frozen_6" to measure. Did you mean frozen_0',
  );
});

Deno.test("the recipes of all options hold, alone and joined", () => {
  const { base, options } = quality;
  for (const { name, recipe } of options) {
    defineRecipe({ ...recipe(base), name, budget: { minutes: 10 } });
  }
  const last = [...Map.groupBy(options, ({ changes }) => changes ?? "")]
    .flatMap(([changes, same]) => changes === "" ? [] : [same.at(-1)!]);
  const joined = last.reduce((recipe, option) => option.recipe(recipe), base);
  const { student, images, standardizer, balancing } = defineRecipe({
    ...{ ...joined, name: "joined", budget: { minutes: 10 } },
  });
  assertEquals(images.subset?.images, 8000);
  assertEquals([student.freeze, student.resolutions], [0, [64, 80, 96]]);
  assertEquals(standardizer.axes, 64);
  assertEquals(balancing.stop?.heldOut, 400);
});
