import { assertEquals, assertRejects } from "@std/assert";
import { loadRecipe } from "../../lib/recipe/load.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

const json = JSON.stringify(minimal);

for (
  const [name, text] of [
    ["a.json", json],
    ["a.ts", `export default ${json};`],
    ["a.mjs", `export default ${json};`],
    ["mark.json", `\ufeff${json}`],
    ["mark.ts", `\ufeffexport default ${json};`],
    ["ends.json", JSON.stringify(minimal, null, 2).replaceAll("\n", "\r\n")],
    ["comments.jsonc", `// mine\n${json.replace("{", "{ /* first */").replace(/\}$/, ", }")}`],
    ["comments.json", `// mine\n${json}`],
  ] as const
) {
  Deno.test(`loadRecipe reads ${name}`, () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      assertEquals(await loadRecipe(`${folder}/${name}`), defineRecipe(minimal));
    }));
}

const broken: readonly [name: string, text: string | Uint8Array, ...parts: string[]][] = [
  ["none.ts", "export const recipe = 1;", "it has no default export", "export default defineRec"],
  ["empty.ts", "", "it is empty"],
  ["empty.json", "", "it is not JSON (it is empty)"],
  ["torn.json", "{", "it is not JSON", "line 1 column 2"],
  ["list.json", "[]", "found a list, expected a recipe"],
  ["null.json", "null", "found null"],
  ["text.ts", 'export default "x";', "found a string"],
  ["promise.ts", "export default Promise.resolve({});", "found a promise", "export default await"],
  ["function.ts", "export default () => ({});", "found a function", "Export what it returns"],
  ["wrong.ts", "export default { nmae: 1 };", 'did you mean "name"'],
  ["syntax.ts", "\nexport default {", "a mistake in its syntax: ", "syntax.ts:2:17)", "an editor"],
  ["twice.ts", "let a = 1;\nlet a = 2;", "'a' has already been declared", "twice.ts:2:"],
  ["absent.ts", 'import "./gone.ts";', "it imports ", 'gone.ts", which is not there', ":1:8)"],
  [
    "name.ts",
    'import { x } from "./a.ts"; export default x;',
    "it imports what is not there",
    "named 'x'",
  ],
  ["bare.ts", 'import "lodash";', '"lodash"', '"npm:NAME"'],
  ["nested.ts", 'import "./syntax.ts";', "a mistake in its syntax: ", "syntax.ts:2:17)"],
  ["throws.ts", '\nthrow new Error("mine");', "it throws when it is loaded: mine (", ":2:7)"],
  ["throws_text.ts", 'throw "mine";', "it throws when it is loaded: mine. Mend"],
  ["type.ts", "const a = {} as any;\nexport default a.b.c;", "TypeError: Cannot read", ":2:20)"],
  ["file.ts", 'await Deno.readTextFile("/gone");', "NotFound", "'/gone'", "file.ts:1:"],
  ["binary.ts", Uint8Array.of(0, 1, 255), "no UTF-8 text"],
  ["a.txt", json, "expected a file ending in .ts, .json or .jsonc"],
  ["b.tss", json, "expected a file ending in .ts"],
];
for (const [name, text, ...parts] of broken) {
  Deno.test(`what is wrong with a recipe is said in a sentence: ${name}`, () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/a.ts`, "export default 1;");
      await Deno.writeTextFile(`${folder}/syntax.ts`, "\nexport default {");
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      await Deno.writeFile(`${folder}/${name}`, bytes);
      for (const part of parts) {
        const error = await assertRejects(() => loadRecipe(`${folder}/${name}`), UserError, part);
        assertEquals(error.message.includes("\n    at "), false, error.message);
      }
    }));
}

Deno.test("a recipe that is not there is looked for among its neighbours", () =>
  inTemporaryFolder(async (folder) => {
    const refused = (path: string, part: string) =>
      assertRejects(() => loadRecipe(`${folder}/${path}`), UserError, part);
    await Deno.writeTextFile(`${folder}/digits.ts`, `export default ${json};`);
    await refused("digit.ts", `Did you mean ${folder}/digits.ts?`);
    await refused("none/digits.ts", "found no such file");
    await Deno.mkdir(`${folder}/run`);
    await refused("run", "found a folder");
    await Deno.writeTextFile(`${folder}/run/recipe.json`, json);
    await refused("run", `distill --resume ${folder}/run`);
  }));
