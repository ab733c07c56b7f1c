import { assertEquals, assertRejects } from "@std/assert";
import { loadRecipe } from "../../lib/recipe/load.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

Deno.test("loadRecipe reads modules and JSON, and says what is wrong with others", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return `${folder}/${name}`;
    };
    const json = JSON.stringify(minimal);
    const expected = defineRecipe(minimal);
    assertEquals(await loadRecipe(await write("a.json", json)), expected);
    assertEquals(await loadRecipe(await write("a.ts", `export default ${json};`)), expected);
    const none = await write("b.ts", "export const recipe = 1;");
    await assertRejects(() => loadRecipe(none), UserError, "no default export");
    const torn = await write("c.json", "{");
    await assertRejects(() => loadRecipe(torn), UserError, "it is not JSON");
    await assertRejects(() => loadRecipe(`${folder}/d.ts`), UserError, "no such file");
    await assertRejects(() => loadRecipe(folder), UserError, "it is not a file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
