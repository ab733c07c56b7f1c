import { assertEquals, assertStringIncludes } from "@std/assert";
import demo from "../../recipes/demo.ts";
import scratch from "../../recipes/tiny_imagenet_from_scratch.ts";
import mainJob from "../../recipes/tiny_imagenet.ts";
import world from "../../recipes/world.ts";
import { loadRecipe } from "../../lib/recipe/load.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { recipeSource } from "../../lib/recipe/recipe_source.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

/** The recipe that the text of another is read as. */
async function readBack(recipe: Recipe, comment: string[] = []): Promise<Recipe> {
  let read: Recipe | undefined;
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/recipe.ts`, recipeSource(recipe, comment));
    read = await loadRecipe(`${folder}/recipe.ts`);
  });
  return read!;
}

for (const recipe of [demo, scratch, mainJob, world]) {
  Deno.test(`the text of ${recipe.name} is read as the same recipe`, async () => {
    assertEquals(JSON.stringify(await readBack(recipe, ["A", "", "B"])), JSON.stringify(recipe));
  });
}

Deno.test("defaults are left out, and no line is long but for long texts", () => {
  const text = recipeSource(mainJob, ["Of the main job."]);
  assertStringIncludes(text, "/**\n * Of the main job.\n */\nexport default {\n");
  assertStringIncludes(text, "learningRates: { backbone: 0.0003, heads: 0.002 }");
  for (const absent of ["momentum", "guard", "canvas", "seed", "epsilon"]) {
    assertEquals(text.includes(absent), false, absent);
  }
  const options = text.split("\n").filter((line) => !/^ *\w+: ".*",$/.test(line));
  for (const line of options) assertEquals(line.length <= 100, true, line);
});

Deno.test("text from outside stays text", async () => {
  const name = 'photos "of" ${me}`\\\n*/ .zip';
  const { images } = mainJob;
  const recipe = { ...mainJob, images: { ...images, sources: [{ path: name }] } };
  assertEquals((await readBack(recipe, [name])).images.sources, [{ path: name }]);
});
