/** Recipes as TypeScript. */
import { parseRecipe } from "./recipe.ts";
import type { Recipe } from "./options.ts";

type Tree = { [key: string]: unknown };

/**
 * A recipe as the text of a module that `loadRecipe` reads: the options that differ from their defaults.
 * It imports nothing, so that it can be read from any folder.
 *
 * @param comment lines for its head
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { recipeSource } from "./recipe_source.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["specialist_digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, epochs: 10 },
 * });
 * const text = recipeSource(recipe, ["Of the digits."]);
 * if (!text.includes("epochs: 10") || text.includes("momentum")) throw new Error("Without defaults");
 * ```
 */
export function recipeSource(recipe: Recipe, comment: readonly string[]): string {
  const head = comment.length === 0 ? "" : `/**\n${comment.map(commentLine).join("\n")}\n */\n`;
  return `${head}export default ${literal(withoutDefaults(recipe), "")};\n`;
}

/** What would end the comment, or begin a line of its own, is taken apart. */
function commentLine(text: string): string {
  return ` * ${text.replaceAll("*/", "* /").replaceAll(/[\r\n\u2028\u2029]/g, " ")}`.trimEnd();
}

/** The options without which the recipe would be another one. */
function withoutDefaults(recipe: Recipe): Tree {
  const whole = JSON.stringify(recipe);
  const tree: Tree = structuredClone({ ...recipe });
  prune(tree, () => {
    try {
      return JSON.stringify(parseRecipe(tree)) === whole;
    } catch {
      return false;
    }
  });
  return tree;
}

/** Removes what may be removed, whole objects first. */
function prune(tree: Tree, isSame: () => boolean): void {
  for (const [key, value] of Object.entries(tree)) {
    delete tree[key];
    if (isSame()) continue;
    tree[key] = value;
    if (isTree(value)) prune(value, isSame);
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const widest = 100;

/** A value as a TypeScript literal, on one line where it fits. */
function literal(value: unknown, indent: string): string {
  if (Array.isArray(value)) return list("[", value.map((one) => ["", one]), "]", indent);
  if (isTree(value)) {
    const entries = Object.entries(value).map(([key, one]) => [`${name(key)}: `, one] as const);
    return list("{ ", entries, " }", indent);
  }
  return JSON.stringify(value);
}

function list(
  open: string,
  entries: readonly (readonly [head: string, value: unknown])[],
  close: string,
  indent: string,
): string {
  if (entries.length === 0) return (open + close).replaceAll(" ", "");
  const flat = `${open}${
    entries.map(([head, value]) => head + literal(value, "")).join(", ")
  }${close}`;
  if (indent.length + flat.length <= widest - 20 && !flat.includes("\n") && indent !== "") {
    return flat;
  }
  const inner = `${indent}  `;
  const lines = entries.map(([head, value]) => `${inner}${head}${literal(value, inner)},`);
  return [open.trim(), ...lines, indent + close.trim()].join("\n");
}

function name(key: string): string {
  return /^[a-z_]\w*$/i.test(key) ? key : JSON.stringify(key);
}
