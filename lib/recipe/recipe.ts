/** Experiments as values: typed, validated, complete and immutable. */
import { createHash } from "node:crypto";
import { UserError } from "../errors/user_error.ts";
import { describeIssues } from "./schema_errors.ts";
import { alternatives, recipeSchema } from "./schema.ts";
import type { Recipe } from "./options.ts";
import type { RecipeInput } from "./input.ts";

/**
 * Checks a recipe and fills in the reference's defaults (paper appendix A). The result is frozen
 * and may be given to `defineRecipe` again.
 *
 * @throws {UserError} listing every unknown option, with the nearest known ones, every value out
 * of range, and options that contradict each other.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "data/images/mnist-t10k.zip", split: "train" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * if (recipe.balancing.probability !== 0.5) throw new Error("The default is the paper's");
 * ```
 */
export function defineRecipe(input: RecipeInput): Recipe {
  return parseRecipe(input);
}

/**
 * {@linkcode defineRecipe} for values of unknown type, such as parsed JSON.
 *
 * @throws {UserError} as `defineRecipe`.
 *
 * @example
 * ```ts
 * import { parseRecipe, UserError } from "@hashigo/hashigo";
 * try {
 *   parseRecipe({ nmae: "digits" });
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 * }
 * ```
 */
export function parseRecipe(input: unknown): Recipe {
  const result = recipeSchema.safeParse(input);
  const problems = result.success
    ? contradictions(result.data)
    : describeIssues(result.error.issues, recipeSchema);
  if (!result.success || problems.length > 0) {
    const name = isRecord(input) && typeof input.name === "string" ? ` "${input.name}"` : "";
    throw new UserError(
      `Cannot use recipe${name}:\n${problems.map((line) => `  - ${line}`).join("\n")}\n` +
        "Correct the options above and run again.",
    );
  }
  const recipe: Recipe = result.data;
  return freeze(recipe);
}

/** Which projectors have an option. */
const ladderOptions: { readonly [option: string]: readonly string[] } = {
  blocks: ["ladder"],
  hidden: ["ladder"],
  lastHidden: ["ladder", "top"],
  hiddenLayers: ["top"],
  shared: ["top"],
};

/** What no single option shows: pairs that exclude or must fit each other. */
function contradictions(recipe: Recipe): string[] {
  const { student, images, ladder, optimization, teachers } = recipe;
  const problems: string[] = [];
  const given = new Set(Object.keys(optimization));
  for (const [first, second] of alternatives) {
    if (given.has(first) && given.has(second)) {
      problems.push(`"optimization": found both "${first}" and "${second}"; give only one`);
    }
  }
  if (!given.has("steps") && !given.has("epochs")) {
    problems.push('"optimization": found neither "steps" nor "epochs"; give one');
  }
  if (recipe.featureCache && images.views === undefined) {
    problems.push(
      '"featureCache": views that never come back cannot be kept; give "images.views", such as 4',
    );
  }
  if (typeof recipe.featureCache === "object") {
    const { tokens, patchStride } = recipe.featureCache;
    if (patchStride > 1 && !tokens.includes("patch")) {
      problems.push('"featureCache.patchStride": no patch tokens are kept; leave it out');
    }
  }
  const { kind, weights, level } = recipe.balancing;
  if ((kind === "fixed") !== (weights !== undefined)) {
    problems.push(
      kind === "fixed"
        ? '"balancing.weights": found none; give one for each teacher that shall not weigh 1'
        : `"balancing.weights": only "fixed" has weights, found "${kind}"`,
    );
  }
  const stranger = Object.keys(weights ?? {}).find((name) =>
    !teachers.some((teacher) => teacher.name === name)
  );
  if (stranger !== undefined) {
    problems.push(`"balancing.weights": no teacher is named "${stranger}"`);
  }
  if (level === "patch" && kind !== "teacher_drop") {
    problems.push(`"balancing.level": only "teacher_drop" works by patch, found "${kind}"`);
  }
  if (student.width % student.heads !== 0) {
    problems.push(
      `"student.width": ${student.width} cannot be divided over ${student.heads} heads`,
    );
  }
  if (images.size % student.patchSize !== 0) {
    problems.push(
      `"images.size": ${images.size} px is not a multiple of "student.patchSize", ` +
        `${student.patchSize} px`,
    );
  }
  const names = teachers.map((teacher) => teacher.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) problems.push(`"teachers": "${twice}" stands there twice`);
  for (const [option, kinds] of Object.entries(ladderOptions)) {
    const value = ladder[option as keyof typeof ladder];
    if (value === undefined || value === "all" || kinds.includes(ladder.kind)) continue;
    problems.push(
      `"ladder.${option}": a "${ladder.kind}" projector has none; only ${kinds.join(" and ")}`,
    );
  }
  if (ladder.blocks !== "all") {
    const bad = ladder.blocks.find((block, i, all) =>
      block >= student.depth || all.indexOf(block) !== i
    );
    if (bad !== undefined) {
      problems.push(
        `"ladder.blocks": found ${bad}; expected different blocks from 0 to ${student.depth - 1}`,
      );
    }
  }
  return problems;
}

/**
 * SHA-256, in hexadecimal, over every option that can change the student. Description, name, number of
 * workers, checkpoints, guard and evaluation are left out, so they may differ when a run is resumed.
 *
 * @example
 * ```ts
 * import { defineRecipe, recipeDigest } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const digest = recipeDigest(recipe);
 * if (digest !== recipeDigest({ ...recipe, workers: 4 })) throw new Error("Workers do not count");
 * ```
 */
export function recipeDigest(recipe: Recipe): string {
  return createHash("sha256").update(JSON.stringify(sorted(decisive(recipe)))).digest("hex");
}

/**
 * Options that can change the student and differ between two recipes, as "key: before -> after".
 *
 * @example
 * ```ts
 * import { defineRecipe, recipeDifferences } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const found = recipeDifferences(recipe, { ...recipe, seed: 1 });
 * if (found[0] !== "seed: 0 -> 1") throw new Error("The seed differs");
 * ```
 */
export function recipeDifferences(before: Recipe, after: Recipe): string[] {
  const [left, right] = [leaves(decisive(before)), leaves(decisive(after))];
  return [...new Set([...left.keys(), ...right.keys()])].sort()
    .filter((key) => left.get(key) !== right.get(key))
    .map((key) => `${key}: ${left.get(key) ?? "not given"} -> ${right.get(key) ?? "not given"}`);
}

/** Options beside those that can change the student of a run in which nothing goes wrong. */
const indecisive = ["name", "description", "workers", "checkpoint", "guard", "evaluation"];

function decisive(recipe: Recipe): Record<string, unknown> {
  return Object.fromEntries(Object.entries(recipe).filter(([key]) => !indecisive.includes(key)));
}

function leaves(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (isRecord(value)) {
    for (const [key, child] of Object.entries(value)) {
      leaves(child, path ? `${path}.${key}` : key, found);
    }
  } else found.set(path, JSON.stringify(value));
  return found;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
