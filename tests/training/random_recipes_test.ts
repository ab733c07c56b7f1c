/**
 * Recipes drawn at random over all options that reach a step: each is refused by the recipe, in words,
 * or runs. What only the teachers show, such as their grids, is refused before the first step.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { parseRecipe } from "../../lib/recipe/recipe.ts";
import { drawRecipe } from "./random_recipes_fixture.ts";
import { runToEnd, withOwnCache } from "./shared_runs_fixture.ts";

/** The recipe of a seed, or undefined where it contradicts itself. */
function recipeOf(seed: number): Recipe | undefined {
  try {
    return parseRecipe(drawRecipe(seed).input);
  } catch (error) {
    assert(error instanceof UserError, `seed ${seed}: ${error}`);
    // Every line names the option and says what is wrong with it.
    for (const line of error.message.split("\n").slice(1, -1)) {
      assertMatch(line, /^ {2}- "[\w.]+": .{20,}/);
    }
    return undefined;
  }
}

Deno.test("five hundred recipes: each is valid or refused with the option's name", () => {
  const valid = Array.from({ length: 500 }, (_, seed) => recipeOf(seed)).filter(Boolean).length;
  assert(valid > 150 && valid < 450, `${valid} of 500 are valid: too many or too few to mean much`);
});

// Those that are not compiled, since each takes a second.
const seeds = Array.from({ length: 60 }, (_, seed) => seed)
  .filter((seed) => recipeOf(seed)?.mode === "eager").slice(0, 8);
for (const seed of seeds) {
  Deno.test(`the recipe of seed ${seed} runs, or its teachers are refused before a step`, () =>
    withOwnCache(async (folder) => {
      const { teachers } = drawRecipe(seed), recipe = recipeOf(seed)!;
      try {
        const { reports, summary } = await runToEnd(recipe, { folder: `${folder}/run`, teachers });
        assertEquals(summary.finished, true);
        for (const { loss, gradientNorm, incident } of reports) {
          assert(Number.isFinite(loss) && Number.isFinite(gradientNorm), `${loss}`);
          assertEquals(incident, undefined);
        }
      } catch (error) {
        assert(error instanceof UserError, `seed ${seed}: ${error}`);
        assertMatch(error.message, /^Cannot (keep only|drop teachers patch by patch)/);
        const log = await Deno.readTextFile(`${folder}/run/log.jsonl`).catch(() => "");
        assertEquals(log, "", "before the first step");
      }
    }));
}
