/** What tells one recipe from another: the options that can change the student. */
import { createHash } from "node:crypto";
import type { Recipe } from "./options.ts";

/**
 * SHA-256, in hexadecimal, of every option that can change the student. Description, name, number of
 * workers, sharding, checkpoints, guard and evaluation are left out, so they may differ when a run is resumed.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { recipeDigest } from "./fingerprint.ts";
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
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { recipeDifferences } from "./fingerprint.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const differences = recipeDifferences(recipe, { ...recipe, seed: 1 });
 * if (differences[0] !== "seed: 0 -> 1") throw new Error("The seed differs");
 * ```
 */
export function recipeDifferences(before: Recipe, after: Recipe): string[] {
  const [left, right] = [leaves(decisive(before)), leaves(decisive(after))];
  return [...new Set([...left.keys(), ...right.keys()])].sort()
    .filter((key) => left.get(key) !== right.get(key))
    .map((key) => `${key}: ${left.get(key) ?? "not given"} -> ${right.get(key) ?? "not given"}`);
}

/** Options that cannot change the student of a run in which nothing goes wrong. */
const indecisive = ["name", "description", "workers", "checkpoint", "guard", "evaluation"];

function decisive({ stages, ...recipe }: Recipe): Record<string, unknown> {
  // By name, so that differences name them; the place counts too.
  return {
    ...decisiveOptions(recipe),
    ...stages && {
      stages: Object.fromEntries(stages.map(({ name, ...stage }, i) => [
        name,
        { place: i + 1, ...decisiveOptions(stage) },
      ])),
    },
  };
}

function decisiveOptions(options: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => !indecisive.includes(key))
      .map(([key, value]) => [key, decisiveValue(key, value)]),
  );
}

function decisiveValue(key: string, value: unknown): unknown {
  // Unless a run noted something else, "auto" is what recipes had by default before it had a name.
  if (key === "mode" && value === "auto") return "xla";
  if (key !== "optimization" || !isRecord(value)) return value;
  // Who keeps the moments, like the number of processes, is none of the student's business.
  const { sharded: _, ...optimization } = value;
  return optimization;
}

/** Every value that is no object, as JSON, by its dotted name. */
function leaves(value: unknown, path = ""): Map<string, string> {
  if (!isRecord(value)) return new Map([[path, JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, child]) => [
      ...leaves(child, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
