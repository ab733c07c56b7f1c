/** Reads recipes from files. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../errors/user_error.ts";
import { applyOverrides } from "./overrides.ts";
import type { Recipe } from "./options.ts";

/**
 * Reads a recipe: a TypeScript module whose default export is one, or JSON, such as the
 * `recipe.json` of a run folder.
 *
 * @param settings changes, as {@linkcode applyOverrides} makes them; they may complete the recipe
 * @throws {UserError} where the file is missing, does not parse, has no default export, or is refused by
 * {@linkcode defineRecipe}.
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
  await assertReadable(path);
  if (/\.jsonc?$/.test(path)) return applyOverrides(await readJson(path), settings);
  if (!/\.[mc]?[jt]s$/.test(path)) {
    throw new UserError(
      `Cannot read recipe "${path}": expected a file ending in .ts or .json. See recipes/.`,
    );
  }
  const module = await importRecipe(path);
  if (module.default === undefined) {
    throw new UserError(
      `Cannot use recipe "${path}": it has no default export. ` +
        "End it with `export default defineRecipe({ … })`.",
    );
  }
  return applyOverrides(module.default, settings);
}

async function importRecipe(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const [, name] = /^Import "([^"]+)" not a dependency/.exec(String(Object(error).message)) ?? [];
    if (name === undefined) throw error;
    throw new UserError(
      `Cannot load recipe "${path}": it imports "${name}", which has no meaning outside a project. ` +
        (name.startsWith("@hashigo/hashigo")
          ? `Import it as "jsr:${name}", or start the recipe in a clone: deno task distill FILE.`
          : `Import a package as "npm:NAME" or "jsr:NAME", a file by its path.`),
      { cause: error },
    );
  }
}

async function assertReadable(path: string): Promise<void> {
  const entry = await Deno.stat(path).catch(() => undefined);
  if (entry?.isFile) return;
  throw new UserError(
    `Cannot read recipe "${path}": ${entry ? "it is not a file" : "no such file"} ` +
      `(looked from ${Deno.cwd()}). The package's own lie in recipes/.`,
  );
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot read recipe "${path}": it is not JSON (${reason}).`);
  }
}
