/** The public names of the package: each a decision, documented, listed by hand. */
import { assert, assertEquals } from "@std/assert";
import { entryPoints, publicNames } from "./public_api_fixture.ts";

const golden: Record<string, Record<string, string>> = JSON.parse(
  await Deno.readTextFile(new URL("../golden/repository/public_api.json", import.meta.url)),
);
/** Installed as `hashigo`; a program more than a library. */
const program = "lib/cli/main.ts";
const entries = await entryPoints();
const modules = await Promise.all(
  entries.map(async ([entry, file]) => ({ entry, file, ...await publicNames(file) })),
);

Deno.test("the public names are those of tests/golden/repository/public_api.json: a new one is a decision", () => {
  assertEquals(modules.map(({ entry }) => entry), Object.keys(golden));
  for (const { entry, names } of modules) {
    const kinds = names.map(({ name, kind }) => `${name}: ${kind}`).sort();
    const decided = Object.entries(golden[entry] ?? {}).map(([name, kind]) => `${name}: ${kind}`);
    // Decided on a new name, or taken one away: deno run -A tests/golden/repository/public_api.ts
    assertEquals(kinds, decided.sort(), entry);
  }
});

Deno.test("an entry point has 10 to 40 names, and lists them one by one", async () => {
  for (const { entry, file, names } of modules.filter(({ file }) => file !== program)) {
    assert(names.length >= 10 && names.length <= 40, `${entry} has ${names.length} names`);
    const text = await Deno.readTextFile(new URL(`../../${file}`, import.meta.url));
    assert(!text.includes("export *"), `${file} exports by star`);
  }
});

Deno.test("every entry point and every public name is documented", () => {
  for (const { entry, names, description } of modules) {
    assert(description.length > 20, `${entry} has no module comment`);
    assertEquals(names.filter(({ documented }) => !documented).map(({ name }) => name), [], entry);
  }
});

Deno.test("schemas, formatting and names that only tests use are private", () => {
  const secret =
    /[sS]chema$|^(millions|significant|duration|costHeader|escapeHtml|jsonScript)$|^(defaultCache|dataFolder|philox)$/;
  for (const { entry, names } of modules) {
    assertEquals(names.filter(({ name }) => secret.test(name)).map(({ name }) => name), [], entry);
  }
});
