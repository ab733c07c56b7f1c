import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { distillCommand } from "../../../lib/cli/commands/distill.ts";
import { resumeLine } from "../../../lib/cli/commands/stopped_run.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { minimal } from "../../recipe/minimal_recipe_fixture.ts";

const recipe = defineRecipe({
  name: "resumed",
  images: { sources: [{ path: "data/images/digits.zip", split: "train", limit: 32 }], size: 32 },
  teachers: ["specialist_digits"],
  student: { width: 48, depth: 2, heads: 3, patchSize: 8 },
  optimization: { batchSize: 16, steps: 3, learningRate: 1e-3, warmupSteps: 0 },
  mode: "graph",
});

async function trial(args: string[], signal = new AbortController().signal) {
  const out: string[] = [];
  const err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(distillCommand, args, { output, signal, program: "hashigo" });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("a stopped run says the line that goes on with it, and the line needs nothing else", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/mine.jsonc`, `// mine\n${JSON.stringify(recipe)}`);
    const run = `${folder}/my run`;
    const stop = new AbortController();
    stop.abort();
    const stopped = await trial([`${folder}/mine.jsonc`, "--run", run], stop.signal);
    const line = resumeLine(run);
    assertStringIncludes(stopped.err, `stopped after step 0; go on with: ${line}`);
    assert(line.endsWith(` distill --resume '${run}'`), line);

    await Deno.remove(`${folder}/mine.jsonc`);
    const { status, out, err } = await trial(["--resume", `${run}/`, "--json"]);
    assertEquals(status, 0, err);
    const result = JSON.parse(out.split("\n").at(-1) ?? "");
    assertEquals([result.run, result.steps], [run, 3]);
  }));

Deno.test("what cannot be resumed says why", () =>
  inTemporaryFolder(async (folder) => {
    const missing = await trial(["--resume", `${folder}/none`]);
    assertEquals(missing.status, 2);
    assertStringIncludes(missing.err, `Cannot go on with "${folder}/none"`);
    const nothing = await trial(["--resume", folder]);
    assertEquals(nothing.status, 2);
    assertStringIncludes(nothing.err, "Give the folder of a run");
    const stored = { ...minimal, teachers: ["my_own_network"] };
    await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(stored));
    const own = await trial(["--resume", folder]);
    assertEquals(own.status, 2);
    assertStringIncludes(own.err, 'its teacher "my_own_network" is none of the package');
    assertStringIncludes(own.err, "resume: true, teachers }");
    const other = { ...stored, teachers: ["specialist_digits"], widht: 5 };
    await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(other));
    assertStringIncludes((await trial(["--resume", folder])).err, "a run of another version");
  }));
