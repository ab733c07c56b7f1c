/** A recipe for a folder of images: what `deno task distill --images` chooses, in code. */
import type { Work } from "../../io/progress_line.ts";
import type { Recipe } from "../../recipe/options.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import type { ProposalRequest, StudentRequest } from "./facts.ts";
import { measureFacts } from "./measure_facts.ts";
import { proposeRecipe } from "./propose_recipe.ts";
import { proposalLines } from "./words.ts";

/** What somebody has: images, teachers and minutes. */
export interface RecipeForOptions {
  /** Networks to learn from, the most important first: names of the zoo, or as a recipe names them. */
  readonly teachers: readonly (BackboneSpec | string)[];
  /** Minutes of training. */
  readonly minutes: number;
  /** Name of the run. Default "images". */
  readonly name?: string | undefined;
  /** `{ size }` of a transformer, or `{ from }` a network. Default: the first teacher that a student can be. */
  readonly student?: StudentRequest | undefined;
  /** The network of `from`, where it is none of the teachers. */
  readonly source?: BackboneSpec | undefined;
  /** Labelled image sets to measure on. Default: none. */
  readonly evaluate?: readonly string[] | undefined;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/** A recipe, and why it is as it is. */
export interface ChosenRecipe {
  readonly recipe: Recipe;
  /** What was found and chosen, a line for each. */
  readonly plan: readonly string[];
}

/**
 * Chooses a recipe for images without labels: it counts them, looks at the size of some, times the teachers on this
 * machine, and chooses student, sizes, batch and, where minutes are few, a part of the images. How many steps and
 * views fit the run plans itself, from its first steps.
 *
 * @param images folders or zips
 * @throws {UserError} for images that are not there, mostly unreadable or fewer than sixteen, and networks that cannot
 * be opened or started from
 *
 * @example
 * ```ts
 * import { recipeFor } from "@hashigo/hashigo";
 * const { recipe, plan } = await recipeFor(["data/images/digits.zip"], {
 *   teachers: ["specialist_digits"],
 *   minutes: 5,
 * });
 * if (recipe.student.from !== "specialist_digits") throw new Error("It starts from its teacher");
 * if (!plan[1]?.includes("8,000")) throw new Error("Images of the train part");
 * ```
 */
export async function recipeFor(
  images: readonly string[],
  options: RecipeForOptions,
): Promise<ChosenRecipe> {
  const { teachers, minutes, name = "images", student, source, evaluate = [] } = options;
  const { now = () => performance.now(), onWork } = options;
  const specs = teachers.map((teacher) =>
    typeof teacher === "string" ? { name: teacher } : teacher
  );
  const request: ProposalRequest = { name, images, teachers: specs, student, minutes, evaluate };
  const facts = await measureFacts(request, source, { now, onWork });
  const proposal = proposeRecipe(request, facts);
  return { recipe: defineRecipe(proposal.recipe), plan: proposalLines(proposal, facts) };
}
