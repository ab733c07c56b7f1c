/** How much a recipe may train, over all its stages, in the units in which it says so. */
import type { Recipe } from "../recipe/options.ts";
import { stageRecipes } from "../recipe/stages/stage_recipes.ts";

/** Sums over the stages; 0 where none says it in this unit. */
export interface RecipeBudgetSum {
  /** `budget.minutes` */
  readonly minutes: number;
  /** `optimization.steps` times the size of a batch. */
  readonly images: number;
  /** `optimization.epochs` */
  readonly epochs: number;
}

/**
 * What a recipe may spend.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { budgetOf } from "./budget_of.ts";
 * const recipe = defineRecipe({
 *   name: "two",
 *   images: { sources: [{ path: "photos" }], size: 32 },
 *   teachers: ["specialist_digits"],
 *   student: { width: 32, depth: 2, heads: 2, patchSize: 8 },
 *   optimization: { batchSize: 10, steps: 5 },
 *   stages: [{ name: "first" }, { name: "second", optimization: { steps: 20 } }],
 * });
 * if (budgetOf(recipe).images !== 250) throw new Error("Both stages count");
 * ```
 */
export function budgetOf(recipe: Recipe): RecipeBudgetSum {
  const stages = stageRecipes(recipe, `runs/${recipe.name}`).map(({ recipe }) => recipe);
  const sum = (of: (recipe: Recipe) => number) => stages.reduce((all, one) => all + of(one), 0);
  return {
    minutes: sum(({ budget }) => budget?.minutes ?? 0),
    images: sum(({ optimization: { steps = 0, batchSize } }) => steps * batchSize),
    epochs: sum(({ optimization: { epochs = 0 } }) => epochs),
  };
}

/** Whether two recipes may spend the same: minutes within a thousandth, all else exactly. */
export function isSameBudget(a: RecipeBudgetSum, b: RecipeBudgetSum): boolean {
  const same = (one: number, other: number) => Math.abs(one - other) <= 1e-3 * Math.max(one, other);
  return same(a.minutes, b.minutes) && a.images === b.images && same(a.epochs, b.epochs);
}

/** A budget in words: "3 minutes", "20480 images", or both. */
export function budgetText({ minutes, images, epochs }: RecipeBudgetSum): string {
  const parts = [[minutes, "minutes"], [images, "images in steps"], [epochs, "epochs"]] as const;
  const given = parts.filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${Number(amount.toPrecision(6))} ${unit}`);
  return given.join(" and ");
}
