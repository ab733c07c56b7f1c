/** The clone of the repository that the program runs from. */
import { fileURLToPath } from "node:url";
import { UserError } from "../errors/user_error.ts";

const root = new URL("../../", import.meta.url);

/**
 * The path of a file or folder of the clone.
 *
 * @param path relative to the root of the repository; default the root
 * @throws {UserError} where the program runs from the published package, which holds no tests,
 * notebooks, pages or results.
 */
export function checkoutPath(path = "."): string {
  if (root.protocol === "file:") return fileURLToPath(new URL(path, root)).replace(/\/$/, "");
  throw new UserError(
    `Cannot use "${path}" of the repository: the program runs from the published package ` +
      `(${root.href}), expected a clone. Clone the repository and run the same command there as ` +
      "a deno task",
  );
}
