/** Where the trained student of a run lies. */
import { basename } from "node:path";
import { UserError } from "../errors/user_error.ts";
import { loadRecipe } from "../recipe/load.ts";
import { runPaths } from "./run_folder.ts";

/**
 * The weights of a run folder or a `.safetensors` file; undefined for any other path.
 *
 * @throws {UserError} where a run has no student yet
 */
export async function locateStudent(
  path: string,
): Promise<{ path: string; name: string } | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (stat?.isFile && path.endsWith(".safetensors")) {
    return { path, name: basename(path, ".safetensors") };
  }
  if (!stat?.isDirectory) return undefined;
  const paths = runPaths(path);
  const student = await Deno.stat(paths.student).catch(() => undefined);
  if (student) return { path: paths.student, name: (await loadRecipe(paths.recipe)).name };
  throw new UserError(
    `Cannot open the student of "${path}": found no student.safetensors there, expected the folder ` +
      "of a finished run. Finish it with deno task distill RECIPE --resume.",
  );
}
