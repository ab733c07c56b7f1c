/** docs/method.md points at what exists, and every test that it names names the item. */
import { assert, assertEquals } from "@std/assert";

const page = await Deno.readTextFile(new URL("../../docs/method.md", import.meta.url));
const read = (path: string) =>
  Deno.readTextFile(new URL(path, new URL("../../docs/", import.meta.url)));

Deno.test("every file that docs/method.md points at exists", async () => {
  const links = [...page.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, path = ""]) => path);
  assert(links.length > 50, `found ${links.length} links`);
  for (const path of new Set(links)) assert((await read(path)).length > 0, path);
});

Deno.test("each test file that stands beside an item has a test that names it", async () => {
  const rows = [...page.matchAll(/^\| (\d+) \|.*$/gm)];
  for (const [row, item = ""] of rows) {
    const files = [...row.matchAll(/\]\(([^)]+_test\.ts)\)/g)].map(([, path = ""]) => path);
    assert(files.length > 0, `item ${item} has no test`);
    for (const path of files) {
      const named = [...(await read(path)).matchAll(/\(items? ([\d, ]+)\)/g)]
        .flatMap(([, list = ""]) => list.split(", "));
      assert(named.includes(item), `${path} has no test that names item ${item}`);
    }
  }
  const items = rows.map(([, item]) => Number(item));
  assertEquals(items, items.toSorted((a, b) => a - b));
});

Deno.test("every option that docs/method.md names is one of a recipe", async () => {
  const { knownOptions } = await import("../../lib/recipe/schema_errors.ts");
  const { recipeSchema } = await import("../../lib/recipe/schema.ts");
  const options = [
    ...page.matchAll(/`((?:balancing|standardizer|ladder|optimization)\.\w+)/g),
  ].map(([, option = ""]) => option.split("."));
  assert(options.length >= 10, `found ${options.length} options`);
  for (const [parent = "", name = ""] of options) {
    const known = knownOptions(recipeSchema, [parent]);
    assert(known.includes(name), `${parent}.${name} is not among ${known}`);
  }
});
