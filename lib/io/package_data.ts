/**
 * Where the files are that come beside the code: networks, image sets and descriptions of tasks. A clone
 * has them in `data`; the published package has only their manifests, with the digests that every file
 * is verified by.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../errors/user_error.ts";

/** Names the folder `data` of a clone, where none is beside the code. */
const variable = "HASHIGO_PACKAGE_DATA";

/**
 * The address of a file or folder of the package's data.
 *
 * @param path relative to the folder `data`, such as `teachers/`; a folder's ends in a slash
 * @throws {UserError} where the folder is not beside the code and the variable `HASHIGO_PACKAGE_DATA`
 * names none.
 */
export function packageData(path: string): URL {
  const named = Deno.env.get(variable);
  if (named) return new URL(path, `${pathToFileURL(resolve(named)).href}/`);
  const beside = new URL("../../data/", import.meta.url);
  if (beside.protocol === "file:" && existsSync(beside)) return new URL(path, beside);
  throw new UserError(
    `Cannot find the networks and images of the package: there is no ${beside.href}. Clone the ` +
      `repository and set ${variable} to the folder "data" of the clone. Every network is verified ` +
      "by its SHA-256",
  );
}

/**
 * Finds images that a recipe names from the root of the repository, wherever the program runs.
 *
 * @returns `path` where it exists, or where it does not start with `data/`; else where the package's
 * data has it.
 */
export function packageImages(path: string): string {
  if (!path.startsWith("data/") || existsSync(path)) return path;
  const located = fileURLToPath(packageData(path.slice("data/".length)));
  return existsSync(located) ? located : path;
}
