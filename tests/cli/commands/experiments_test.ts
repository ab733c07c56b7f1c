/** Results of other checkouts, and what a part has before it, as a person types it; nothing is trained. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { experiments } from "../../../lib/cli/commands/experiments.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { cellsOf, isFilled } from "../../../lib/experiments/cells.ts";
import { readExperimentResults } from "../../../lib/experiments/results.ts";
import worldComponents from "../../../recipes/experiments/world_components.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const name = "world_components";
const recorded = fileURLToPath(
  new URL(`../../../data/results/experiments/${name}.csv`, import.meta.url),
);

async function run(...args: string[]) {
  const lines: string[] = [];
  const output = {
    out: (line: string) => lines.push(line),
    err: (line: string) => lines.push(line),
  };
  const code = await runCommand(experiments, [name, ...args], { output });
  return { code, text: lines.join("\n") };
}

Deno.test("results of two checkouts are brought together, in any order, once", () =>
  inTemporaryFolder(async (folder) => {
    const lines = (await Deno.readTextFile(recorded)).trim().split("\n");
    const part = (isOwn: (seed: string) => boolean) =>
      [lines[0], ...lines.slice(1).filter((line) => isOwn(line.split(",")[1]!)), ""].join("\n");
    const [first, second] = [`${folder}/first`, `${folder}/second`];
    for (const place of [first, second]) await Deno.mkdir(place);
    await Deno.writeTextFile(`${first}/${name}.csv`, part((seed) => seed === "0"));
    await Deno.writeTextFile(`${second}/${name}.csv`, part((seed) => seed !== "0"));

    // The short form keeps its results in the folder of runs, and leaves those of the repository alone.
    const merge = (into: string, ...from: string[]) =>
      run("--steps", "2", "--runs", `${folder}/${into}`, "--merge", from.join());
    const read = (into: string) => Deno.readTextFile(`${folder}/${into}/${name}.csv`);
    const both = await merge("both", first, second);
    assertEquals(both.code, 0, both.text);
    const cells = cellsOf(worldComponents), results = await readExperimentResults(recorded);
    const done = cells.filter((cell) => isFilled(cell, results)).length;
    assertStringIncludes(both.text, `${done} of at most ${cells.length} runs done`);
    assertEquals((await merge("turned", second, first)).code, 0);
    assertEquals(await read("turned"), await read("both"));
    assertEquals((await read("both")).split("\n").sort(), [...lines, ""].sort(), "nothing is lost");
    const before = await read("both");
    assertEquals((await merge("both", first)).code, 0);
    assertEquals(await read("both"), before);

    await Deno.writeTextFile(
      `${first}/${name}.csv`,
      (await read("both")).replaceAll(",2026", "9,2026"),
    );
    const refused = await merge("both", first);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.text, "found other results of row");
    assertEquals(await read("both"), before);
  }));

Deno.test("a part is told how much is left, and how much of it is its own", () =>
  inTemporaryFolder(async (folder) => {
    const list = ["--steps", "2", "--runs", folder, "--list", "--shard", "1/2"];
    assertEquals(await readExperimentResults(`${folder}/${name}.csv`), []);
    const { code, text } = await run(...list);
    assertEquals(code, 0, text);
    // Of fifteen cells of the first three seeds every other one, from the first on.
    assertStringIncludes(text, "0 of at most 40 runs done, 15 to do next, 8 of them by this part");
  }));
