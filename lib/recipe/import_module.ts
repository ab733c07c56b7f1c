/** Imports a module of the user's, such as a recipe, and explains where that fails. */
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../errors/user_error.ts";

/**
 * The exports of a module.
 *
 * @param noun What it is, for messages: "recipe".
 * @throws {UserError} where it has a mistake in its syntax, imports what is not there, may not do what
 * it does, or throws while it is loaded; the message has the place in the file.
 */
export async function importModule(
  path: string,
  noun: string,
): Promise<{ readonly default?: unknown }> {
  const address = pathToFileURL(resolve(path)).href;
  try {
    return await import(address);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [finding, advice] = explain(error);
    const place = placeOf(error, address);
    throw new UserError(
      `Cannot load ${noun} "${path}": ${finding}${place ? ` (${place})` : ""}. ${advice}.`,
      { cause: error },
    );
  }
}

type Explanation = readonly [finding: string, advice: string];

/** Failed imports by Deno's messages, whose first group is the name of what is wrong. */
const explanations: readonly [pattern: RegExp, explain: (name: string) => Explanation][] = [
  [/^Import "([^"]+)" not a dependency/, unknownPackage],
  [/^Relative import path "([^"]+)" not prefixed/, unknownPackage],
  [
    /^Module not found "([^"]+)"/,
    (name) => [`it imports "${shown(name)}", which is not there`, "Correct the path"],
  ],
  [
    /^npm package '([^']+)' does not exist/,
    (name) => [`it imports the package "${name}", which does not exist`, "Correct its name"],
  ],
  [
    /^The requested module (.+)$/,
    (name) => [`it imports what is not there: the module ${name}`, "Correct the name"],
  ],
  [
    /^SyntaxError: (.+?)\.?(?:\n|$)/,
    (name) => [`a mistake in its syntax: ${name}`, "Mend it with an editor"],
  ],
  [
    /^(Requires .+ access to .+, run again with the --\S+ flag)/,
    (name) => [`it is not allowed: ${name}`, "Do without it, or start the program with that flag"],
  ],
];

function explain(error: unknown): Explanation {
  const message = (error instanceof Error ? error.message : String(error))
    .replace(/\s+at file:\S+$/, "").replace(/\.$/, "");
  for (const [pattern, explanation] of explanations) {
    const name = pattern.exec(message)?.[1];
    if (name !== undefined) return explanation(name);
  }
  const kind = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  return [`it throws when it is loaded: ${kind}${message}`, "Mend the file"];
}

function unknownPackage(name: string): Explanation {
  return [
    `it imports "${name}", which has no meaning outside a project`,
    name.startsWith("@hashigo/hashigo")
      ? `Import it as "jsr:${name}", or start the recipe in a clone: deno task distill FILE`
      : `Import a package as "npm:NAME" or "jsr:NAME", a file by its path`,
  ];
}

/** File, line and column that the message names, or else of the module, or of the first file in the stack. */
function placeOf(error: unknown, address: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const frames = placesIn(error.stack ?? "").filter(({ file }) => file !== import.meta.url);
  const place = placesIn(error.message)[0] ?? frames.find(({ file }) => file === address) ??
    frames[0];
  return place && `${shown(place.file)}:${place.at}`;
}

function placesIn(text: string): { readonly file: string; readonly at: string }[] {
  return [...text.matchAll(/(file:\/\/[^\s()]+?):(\d+:\d+)/g)]
    .map(([, file = "", at = ""]) => ({ file, at }));
}

/** The path of a file's address; other addresses as they are. */
function shown(address: string): string {
  return address.startsWith("file:") ? fileURLToPath(address) : address;
}
