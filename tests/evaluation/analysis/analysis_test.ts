import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { analyseModels } from "../../../lib/evaluation/analysis/analyse.ts";
import { readAnalysis, writeAnalysis } from "../../../lib/evaluation/analysis/analysis.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { analysisFigures } from "../../../lib/report/figures/analysis_figures.ts";
import { analysisText } from "../../../lib/report/tables/analysis_table.ts";

await startEngine();

Deno.test("two specialists and a random network, are analysed, written, read and shown", async () => {
  const analysis = await analyseModels(
    [{ source: "specialist_digits" }, { source: "specialist_characters" }, { source: "random" }],
    "digits",
    { canvas: 32, limit: 80, k: 5, pruned: [90] },
  );
  assertEquals(analysis.images, { train: 80, test: 80 });
  const [digits = 0, characters = 0] = analysis.errors.accuracy;
  assert(digits > characters, "the one that was trained on digits knows them best");
  assert(analysis.errors.union >= digits);
  assertEquals(analysis.components.map(({ x }) => x.at(-1)), [128, 128, 192]);
  const [pruning] = analysis.pruning;
  assertEquals(pruning?.x, [0, 90]);
  assertEquals(pruning?.accuracy[0], digits);
  assert(pruning!.accuracy[1]! < digits, "nine weights in ten are missed");
  analysis.alignment.values.forEach((row, i) => assert(Math.abs(row[i]! - 1) < 1e-4));
  assertEquals(analysis.teachersTogether?.teachers, ["specialist_digits", "specialist_characters"]);

  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  await writeAnalysis(folder, analysis);
  assertEquals(await readAnalysis(folder), analysis);
  await Deno.writeTextFile(`${folder}/analysis.json`, '{"task": 1}');
  await assertRejects(() => readAnalysis(folder), UserError, "expected an analysis");
  await Deno.remove(folder, { recursive: true });

  const text = analysisText(analysis);
  assertStringIncludes(text, "Errors in common");
  assertStringIncludes(text, "without specialist_characters");
  const figures = analysisFigures(analysis);
  assertEquals(figures.map(({ figure }) => figure.data[0]?.type), [
    "heatmap",
    "heatmap",
    "heatmap",
    "scatter",
    "scatter",
    "scatter",
  ]);
});
