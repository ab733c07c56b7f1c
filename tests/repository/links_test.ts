/** Links between the pages and into the code lead somewhere, and to what they name. */
import { assert, assertMatch } from "@std/assert";

const root = new URL("../../", import.meta.url);
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...[...Deno.readDirSync(new URL("docs/", root))].map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md")),
];
const texts = await Promise.all(
  pages.map(async (page) => [page, await Deno.readTextFile(new URL(page, root))] as const),
);

Deno.test("every file that a page points at exists", async () => {
  let links = 0;
  for (const [page, text] of texts) {
    for (const [, path = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      const exists = await Deno.stat(new URL(path, new URL(page, root))).then(
        () => true,
        () => false,
      );
      assert(exists, `${page} points at ${path}`);
      links++;
    }
  }
  assert(links > 100, `found ${links} links`);
});

Deno.test("a name that links to a file of lib is declared there", async () => {
  let names = 0;
  for (const [page, text] of texts) {
    for (
      const [, name = "", path = ""] of text.matchAll(/\[`(\w+)`\]\(([^)#]*lib\/[^)#]+\.ts)\)/g)
    ) {
      const file = await Deno.readTextFile(new URL(path, new URL(page, root)));
      const declaration = new RegExp(`^export .*\\b${name}\\b`, "m");
      assertMatch(file, declaration, `${page}: ${name} is not exported by ${path}`);
      names++;
    }
  }
  assert(names > 15, `found ${names} names`);
});
