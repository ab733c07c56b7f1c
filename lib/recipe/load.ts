/** Reads recipes from files. */
import { basename, dirname } from "node:path";
import { suggestion } from "../errors/did_you_mean.ts";
import { UserError } from "../errors/user_error.ts";
import { readJson, readText } from "../io/text_file.ts";
import { importModule } from "./import_module.ts";
import { applyOverrides } from "./overrides.ts";
import type { Recipe } from "./options.ts";

/**
 * Reads a recipe: a TypeScript module whose default export is one, or JSON (comments are passed over),
 * such as the `recipe.json` of a run folder.
 *
 * @param settings changes, as {@linkcode applyOverrides} makes them; they may complete the recipe
 * @throws {UserError} where the file is missing, cannot be read, does not parse, imports what is not
 * there, throws, has no recipe as its default export, or is refused by {@linkcode defineRecipe}.
 *
 * @example
 * ```ts
 * import { loadRecipe, UserError } from "@hashigo/hashigo";
 * try {
 *   await loadRecipe("recipes/absent.ts");
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 * }
 * ```
 */
export async function loadRecipe(
  path: string,
  settings: readonly string[] = [],
): Promise<Recipe> {
  const options = { noun: "recipe", advice: await adviceFor(path), maximumBytes: 16_000_000 };
  if (/\.jsonc?$/.test(path)) return recipeOf(path, await readJson(path, options), settings);
  // Read before it is imported: the engine's message about a folder or a binary file helps nobody.
  const text = await readText(path, options);
  if (!/\.[mc]?[jt]s$/.test(path)) {
    throw new UserError(
      `Cannot read recipe "${path}": expected a file ending in .ts, .json or .jsonc. See recipes/.`,
    );
  }
  const module = await importModule(path, "recipe");
  if (module.default === undefined) {
    const found = text.trim() === "" ? "it is empty" : "it has no default export";
    throw new UserError(
      `Cannot use recipe "${path}": ${found}. End it with \`export default defineRecipe({ … })\`.`,
    );
  }
  return recipeOf(path, module.default, settings);
}

/** The recipe that is the value of a file, which messages about it name. */
function recipeOf(path: string, value: unknown, settings: readonly string[]): Recipe {
  assertObject(path, value);
  try {
    return applyOverrides(value, settings);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const advice = basename(path) === storedName
      ? "\nIf it is of a run of another version, begin a new run."
      : "";
    throw new UserError(`${error.message}\nFile: ${path}${advice}`, { cause: error });
  }
}

/** Refuses what cannot be a recipe at all. */
function assertObject(path: string, value: unknown): void {
  const [found, advice] = value instanceof Promise
    ? ["a promise", "Wait for it: `export default await …`"]
    : typeof value === "function"
    ? ["a function", "Export what it returns: `export default name()`"]
    : typeof value === "object" && value !== null && !Array.isArray(value)
    ? []
    : [
      Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`,
      "See recipes/tiny_test.ts",
    ];
  if (found === undefined) return;
  throw new UserError(
    `Cannot use recipe "${path}": found ${found}, expected a recipe, an object with name, images, ` +
      `teachers, student and optimization. ${advice}.`,
  );
}

/** Name of the resolved recipe in a run folder. */
const storedName = "recipe.json";

/** The next step where a recipe cannot be read: its likely name, or where recipes are. */
async function adviceFor(path: string): Promise<string> {
  if (basename(path) === storedName) {
    return "Give the folder of a run; the command runs lists those that there are";
  }
  const where = "The package's own lie in recipes/";
  const isRun = await Deno.stat(`${path}/${storedName}`).then(() => true, () => false);
  if (isRun) return `It is the folder of a run: to go on with it, distill --resume ${path}`;
  try {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(dirname(path))) {
      if (/\.([mc]?[jt]s|jsonc?)$/.test(name)) names.push(name);
    }
    if (names.includes(basename(path))) return where;
    const folder = path.slice(0, path.length - basename(path).length);
    const near = suggestion(basename(path), names, (name) => folder + name);
    return near === "" ? where : `${near} ${where}`;
  } catch {
    return where;
  }
}
