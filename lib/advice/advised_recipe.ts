/** The recipe of an advice. */
import type { RecipeInput } from "../recipe/input.ts";
import type { Recipe } from "../recipe/options.ts";
import { applyOverrides } from "../recipe/overrides.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import type { Advice } from "./advise.ts";

/**
 * The recipe that was measured, for the minutes that are advised, and without the parts of the method that are not.
 *
 * @param recipe with all parts
 */
export function advisedRecipe(
  recipe: RecipeInput,
  { components, features, minutes }: Pick<Advice, "components" | "features" | "minutes">,
): Recipe {
  const whole = defineRecipe(recipe), { blocks } = whole.ladder;
  const isOff = (name: string) =>
    components.some(({ component, isOn }) => component === name && !isOn);
  return applyOverrides(whole, [
    ...minutes === undefined ? [] : [`budget.minutes=${minutes.minutes}`],
    ...features?.kind === "live" ? ["featureCache=false"] : [],
    // Statistics that stay at mean 0 and deviation 1.
    ...isOff("standardisation") ? ['standardizer={"kind":"ema","start":0,"end":0}'] : [],
    // The last rung alone: projectors on the student's last stage.
    ...isOff("ladder") && Array.isArray(blocks) ? [`ladder.blocks=[${blocks.at(-1)}]`] : [],
    ...isOff("dropping") ? ["balancing.kind=none"] : [],
  ]);
}
