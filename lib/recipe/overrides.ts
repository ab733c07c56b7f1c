/** Changes options of a recipe from a command line, as `--set key=value`. */
import { UserError } from "../errors/user_error.ts";
import { parseRecipe } from "./recipe.ts";
import { suggestion } from "../errors/did_you_mean.ts";
import { nodesAt } from "./schema_errors.ts";
import { alternatives } from "./consistency.ts";
import { recipeSchema } from "./schema.ts";
import type { Recipe } from "./options.ts";

type Tree = { [key: string]: unknown };
type Path = readonly (string | number)[];

/**
 * Replaces options of a recipe, named by dots; entries of a list by their number from 0, or a teacher by
 * its name. Values are JSON or, where that fails, bare strings, and of a list bare strings between
 * commas. Of options that exclude each other, as `steps` and `epochs`, the one that is set replaces the
 * others.
 *
 * @param input A recipe, or what {@linkcode parseRecipe} would refuse without the settings.
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
export function applyOverrides(input: unknown, settings: readonly string[]): Recipe {
  if (settings.length === 0) return parseRecipe(input);
  const tree = startingPoint(input);
  if (tree === undefined) return parseRecipe(input);
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    const value = setting.slice(equals + 1).trim();
    if (equals < 1 || value === "") {
      throw refusal(setting, "expected key=value, for example optimization.steps=100");
    }
    const path = placeIn(tree, setting.slice(0, equals).trim().split("."), setting);
    removeAlternatives(tree, path);
    assign(tree, path, parseValue(value, path));
  }
  return parseRecipe(tree);
}

/**
 * The options that settings change: those of the whole recipe where it is one, since an option that was
 * left out may stand beside the one that is set; else what it says, short forms written out.
 */
function startingPoint(input: unknown): Tree | undefined {
  let complete: unknown;
  try {
    complete = parseRecipe(input);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    complete = input;
  }
  if (!isTree(complete) || Array.isArray(complete)) return undefined;
  const tree: Tree = structuredClone({ ...complete });
  if (Array.isArray(tree.teachers)) {
    tree.teachers = tree.teachers.map((teacher: unknown) =>
      typeof teacher === "string" ? { name: teacher } : teacher
    );
  }
  return tree;
}

/** What the schema allows at a path; inside a stage, which changes options of the recipe, what it allows there. */
function allowedAt(path: Path): ReturnType<typeof nodesAt> {
  const [first, second, option] = path;
  const isInStage = first === "stages" && typeof second === "number";
  const ofStage = nodesAt(recipeSchema, path);
  if (!isInStage || option === "name" || option === "start") return ofStage;
  return [...path.length === 2 ? ofStage : [], ...nodesAt(recipeSchema, path.slice(2))];
}

/** The place that the words between the dots name. */
function placeIn(tree: Tree, words: readonly string[], setting: string): Path {
  const path: (string | number)[] = [];
  let value: unknown = tree;
  for (const word of words) {
    const nodes = allowedAt(path);
    const isList = nodes.some((node) => typeof node === "object" && node.type === "array");
    const isNumber = /^\d+$/.test(word);
    if (isList && (isNumber || Array.isArray(value))) {
      path.push(entryOf(Array.isArray(value) ? value : [], word, { path, setting }));
    } else {
      assertKnown(word, words, { path, setting });
      path.push(word);
    }
    const key = path.at(-1)!;
    value = isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return path;
}

interface Place {
  /** Of what holds the option. */
  readonly path: Path;
  readonly setting: string;
}

/** The number of an entry of a list, which a number or the name of the entry names; one more is added. */
function entryOf(list: readonly unknown[], word: string, { path, setting }: Place): number {
  const names = list.map((entry) => isTree(entry) ? entry.name : undefined);
  const named = names.indexOf(word);
  if (named >= 0) return named;
  if (/^\d+$/.test(word) && Number(word) <= list.length) return Number(word);
  const known = names.filter((name) => typeof name === "string");
  const near = suggestion(word, known, (name) => `"${[...path, name].join(".")}"`);
  throw refusal(
    setting,
    `"${path.join(".")}" has ${list.length} entries, found "${word}", expected a number from 0 ` +
      `to ${list.length}${known.length === 0 ? "" : `, or ${known.join(", ")}`}`,
    near,
  );
}

function assertKnown(word: string, words: readonly string[], { path, setting }: Place): void {
  const nodes = allowedAt(path);
  // A stage is open in the schema, but has the options of a recipe.
  const isOpen = path[0] !== "stages" &&
    nodes.some((node) => typeof node === "object" && typeof node.additionalProperties === "object");
  const known = nodes.flatMap((node) =>
    typeof node === "object" ? Object.keys(node.properties ?? {}) : []
  );
  if (isOpen || known.includes(word)) return;
  const rest = words.slice(path.length + 1);
  const near = suggestion(word, known, (name) => `"${[...path, name, ...rest].join(".")}"`);
  const where = path.length === 0 ? "at the top" : `below "${path.join(".")}"`;
  throw refusal(
    setting,
    `no option is called "${[...path, word].join(".")}"`,
    near ||
      (known.length > 0
        ? `Known ${where}: ${known.join(", ")}.`
        : `There are none below "${path.join(".")}".`),
  );
}

function refusal(setting: string, reason: string, hint = ""): UserError {
  return new UserError(`Cannot apply the setting "${setting}": ${reason}. ${hint}`.trim());
}

/** Removes what the option at this path replaces. */
function removeAlternatives(tree: Tree, path: Path): void {
  const [first, second, ...inside] = path;
  const stage = first === "stages" && isTree(tree.stages) ? tree.stages[second ?? ""] : undefined;
  if (isTree(stage)) return removeAlternatives(stage, inside);
  const set = path.join(".");
  const isSet = (name: string) => set === name || set.startsWith(`${name}.`);
  const others = alternatives.find((names) => names.some(isSet))?.filter((name) => !isSet(name));
  for (const name of others ?? []) {
    const [section = "", option] = name.split(".");
    const parent = option === undefined ? tree : tree[section];
    if (isTree(parent)) delete parent[option ?? section];
  }
}

/** Sets a value in a tree of plain objects and arrays; objects on its path are made. */
function assign(tree: Tree, path: Path, value: unknown): void {
  const [key = "", next, ...rest] = path;
  if (next === undefined) {
    tree[key] = value;
    return;
  }
  if (!isTree(tree[key])) tree[key] = typeof next === "number" ? [] : {};
  const child = tree[key];
  if (isTree(child)) assign(child, [next, ...rest], value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}

function parseValue(text: string, path: Path): unknown {
  const parsed = parseJson(text);
  const types = allowedAt(path).map((node) => typeof node === "object" && node.type);
  if (!types.includes("array") || Array.isArray(parsed)) return parsed;
  if (types.length > 1 && typeof parsed !== "string") return parsed;
  return text.split(",").map((part) => parseJson(part.trim()));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
