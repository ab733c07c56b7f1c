import { assertEquals, assertStringIncludes } from "@std/assert";
import { settleMode } from "../../lib/cli/settle_mode.ts";
import { keepTuning } from "../../lib/engine/tuning/tuning.ts";
import type { FlagSetName } from "../../lib/engine/tuning/flag_sets.ts";
import { recipeDifferences, recipeDigest } from "../../lib/recipe/fingerprint.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { openRunFolder } from "../../lib/runs/run_folder.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { minimal } from "../recipe/minimal_recipe_fixture.ts";

const recipe = defineRecipe(minimal);

/** Keeps a tuning in which a way is twice as fast as the usual one. */
async function keepWinner(
  folder: string,
  winner: { mode: "xla" | "graph"; flags: FlagSetName; precision?: "bfloat16" },
): Promise<void> {
  const usual = { mode: "xla", flags: "plain", precision: "float32" } as const;
  const trials = [{ ...usual, milliseconds: 10 }, { ...usual, ...winner, milliseconds: 5 }];
  await keepTuning({ student: "transformer", step: "a step", date: "2026-11-29", trials }, folder);
}

async function settled(given: Recipe, folder: string, resume = false) {
  const notes: string[] = [];
  const result = await settleMode(given, {
    ...{ folder: `${folder}/run`, resume, tunings: folder },
    onNote: (line) => notes.push(line),
  });
  return { result, notes };
}

Deno.test("a recipe that names no mode takes the fastest way, and the run goes on with it", () =>
  inTemporaryFolder(async (folder) => {
    assertEquals(await settled(recipe, folder), { result: recipe, notes: [] });
    await keepWinner(folder, { mode: "xla", flags: "onednn_dot" });
    const { result, notes } = await settled(recipe, folder);
    assertEquals(result, { ...recipe, mode: "xla", xlaFlags: "onednn_dot" });
    assertStringIncludes(notes.join(), "mode: XLA with onednn_dot, float32, the fastest here");
    (await openRunFolder(`${folder}/run`, result)).release();

    // Another way wins later: the run keeps its own.
    await keepWinner(folder, { mode: "graph", flags: "plain" });
    assertEquals((await settled(recipe, folder)).result, { ...recipe, mode: "graph" });
    const resumed = await settled(recipe, folder, true);
    assertEquals(resumed, { result, notes: [] });
    (await openRunFolder(`${folder}/run`, resumed.result, { resume: true })).release();
  }));

Deno.test("what a recipe names is not overruled, nor is its precision", () =>
  inTemporaryFolder(async (folder) => {
    await keepWinner(folder, { mode: "graph", flags: "plain" });
    for (const mode of ["xla", "graph", "eager"] as const) {
      const named = { ...recipe, mode };
      assertEquals(await settled(named, folder), { result: named, notes: [] });
    }
    const flags = { ...recipe, xlaFlags: "xnnpack" } as const;
    assertEquals(await settled(flags, folder), { result: flags, notes: [] });
    const coarse = { ...recipe, precision: "bfloat16" } as const;
    assertEquals(await settled(coarse, folder), { result: coarse, notes: [] });
    await keepWinner(folder, { mode: "graph", flags: "plain", precision: "bfloat16" });
    assertEquals((await settled(recipe, folder)).result, { ...recipe, mode: "xla" });
    assertEquals((await settled(coarse, folder)).result, { ...coarse, mode: "graph" });
  }));

Deno.test("flags that the user set are the user's: nothing that was measured without them is taken", () =>
  inTemporaryFolder(async (folder) => {
    await keepWinner(folder, { mode: "graph", flags: "plain" });
    Deno.env.set("XLA_FLAGS", "--xla_cpu_use_xnnpack=true");
    try {
      assertEquals((await settled(recipe, folder)).result, recipe);
    } finally {
      Deno.env.delete("XLA_FLAGS");
    }
  }));

Deno.test("a tuning that cannot be read is named, and the run is as usual", () =>
  inTemporaryFolder(async (folder) => {
    await keepWinner(folder, { mode: "graph", flags: "plain" });
    for await (const { name } of Deno.readDir(folder)) {
      await Deno.writeTextFile(`${folder}/${name}`, "{");
    }
    const { result, notes } = await settled(recipe, folder);
    assertEquals(result, recipe);
    assertStringIncludes(notes.join(), "found no JSON");
  }));

Deno.test('"auto" is the same recipe as the "xla" of runs begun before; flags are not', () => {
  assertEquals(recipe.mode, "auto");
  const before = { ...recipe, mode: "xla" } as const;
  assertEquals(recipeDigest(recipe), recipeDigest(before));
  assertEquals(recipeDifferences(before, recipe), []);
  const flags = recipeDifferences(recipe, { ...recipe, xlaFlags: "onednn_dot" });
  assertEquals(flags, ['xlaFlags: not given -> "onednn_dot"']);
});
