/** An evaluation that several processes share leaves what one process leaves, but for what a clock measured. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { evaluate } from "../../../lib/cli/commands/evaluate.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { runDeno } from "../../engine/deno_subprocess_fixture.ts";
import { convolutionalRun } from "../../evaluation/convolutional_run_fixture.ts";
import { paint } from "../../evaluation/coloured_images_fixture.ts";
import { runToEnd, withOwnCache } from "../../training/shared_runs_fixture.ts";

const recipe = defineRecipe({ ...convolutionalRun, name: "parts" });

/** Runs the command in this process; its lines to standard output. */
async function run(...args: string[]): Promise<string> {
  const [out, err]: [string[], string[]] = [[], []];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  assertEquals(await runCommand(evaluate, args, { output }), 0, err.join("\n"));
  return out.join("\n");
}

/** Results of a folder without what a clock measured, and the names of its files. */
async function resultsIn(folder: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    texts[name] = name.endsWith(".csv")
      // Behind the whole number of images, with one place.
      ? text.replaceAll(/(,\d+),\d+\.\d(?=,|$)/gm, "$1,")
      : text.replaceAll(/"(milli)?seconds": ?[\d.e-]+/g, '"$1seconds":');
  }
  return texts;
}

Deno.test("processes that share an evaluation leave what one leaves: as features are, and by a readout", () =>
  withOwnCache(async (folder) => {
    const source = `${folder}/run`, set = `${folder}/colours`;
    await runToEnd(recipe, { folder: source });
    await paint(set, ["train/", "test/"], 6);
    // Of dense tasks only the metric that takes no time.
    const metrics = ["--metric", "class_mean,knn,patch_knn"];
    const asked = [source, "--data", `${set},digits,world_parts`, "--limit", "20", ...metrics];

    const whole = `${folder}/whole`, parts = `${folder}/parts`;
    await run(...asked, "--out", whole);
    const command = ["run", "-q", "-A", "lib/cli/main.ts", "evaluate", ...asked, "--out", parts];
    const ends = await Promise.all(
      ["1/2", "2/2"].map((part) => runDeno([...command, "--shard", part], {})),
    );
    for (const { code, stderr } of ends) assertEquals(code, 0, stderr);
    const texts = ends.map(({ stdout }) => stdout);
    assertEquals(texts.filter((text) => text.includes("still missing: part")).length, 1);
    assertEquals(texts.filter((text) => text.includes("against resnet20_cifar10")).length, 1);
    const results = await resultsIn(parts);
    assertEquals(Object.keys(results).sort(), [
      "evaluation.csv",
      "evaluation.json",
      "measured.jsonl",
    ]);
    assertEquals(results, await resultsIn(whole));

    // By a readout that is chosen, each model is read out by one part.
    const [read, readParts] = [`${folder}/read`, `${folder}/read_parts`];
    const chosen = ["pixels", ...asked, "--readout", "chosen"];
    await run(...chosen, "--out", read);
    const part = (part: string) => run(...chosen, "--out", readParts, "--json", "--shard", part);
    assertEquals(JSON.parse(await part("2/2")), { part: 2, of: 2, missing: [1] });
    assertStringIncludes(await part("1/2"), '"metric":"k-NN accuracy, same readout for all"');
    assertEquals(await resultsIn(readParts), await resultsIn(read));
  }));
