/** Changes options of a recipe from a command line, as `--set key=value`. */
import { UserError } from "../errors/user_error.ts";
import { parseRecipe } from "./recipe.ts";
import { suggestion } from "../errors/did_you_mean.ts";
import { knownOptions } from "./schema_errors.ts";
import { alternatives } from "./consistency.ts";
import { recipeSchema } from "./schema.ts";
import type { Recipe } from "./options.ts";

type Tree = { [key: string]: unknown };

/**
 * Replaces options of a recipe, named by dots. Values are JSON or, where that fails, bare strings. Of two
 * options that exclude each other, as `steps` and `epochs`, the one that is set replaces the other.
 *
 * @param settings Each `key=value`, such as `optimization.steps=100`.
 * @throws {UserError} for a setting without `=`, for an unknown option, with the nearest known ones, and
 * for everything that {@linkcode defineRecipe} refuses.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { applyOverrides } from "./overrides.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, epochs: 10 },
 * });
 * const short = applyOverrides(recipe, ["optimization.steps=100", "mode=graph"]);
 * if (short.optimization.steps !== 100 || short.mode !== "graph") throw new Error("Not applied");
 * ```
 */
export function applyOverrides(recipe: Recipe, settings: readonly string[]): Recipe {
  const tree: Tree = structuredClone({ ...recipe });
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals < 1) {
      throw new UserError(
        `Cannot apply the setting "${setting}": expected key=value, for example ` +
          "optimization.steps=100.",
      );
    }
    const path = setting.slice(0, equals).trim().split(".");
    assertKnown(path, setting);
    assign(tree, path, parseValue(setting.slice(equals + 1).trim()));
  }
  return parseRecipe(tree);
}

function assertKnown(path: readonly string[], setting: string): void {
  const keys = path.map((key) => /^\d+$/.test(key) ? Number(key) : key);
  const parent = keys.slice(0, -1);
  const known = knownOptions(recipeSchema, parent);
  const last = path[path.length - 1] ?? "";
  if (known.includes(last) || typeof keys[keys.length - 1] === "number") return;
  const near = suggestion(last, known, (name) => `"${[...parent, name].join(".")}"`);
  const hint = near ||
    (known.length > 0
      ? `Known here: ${known.join(", ")}.`
      : `Known at the top: ${knownOptions(recipeSchema, []).join(", ")}.`);
  throw new UserError(
    `Cannot apply the setting "${setting}": no option is called "${path.join(".")}". ${hint}`,
  );
}

/** Sets a value in a tree of plain objects and arrays; objects on its path are made. */
function assign(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    const pair = alternatives.find((names) => names.some((name) => name === key)) ?? [];
    for (const name of pair) delete tree[name];
    tree[key] = value;
    return;
  }
  if (!isTree(tree[key])) tree[key] = {};
  const child = tree[key];
  if (isTree(child)) assign(child, rest, value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
