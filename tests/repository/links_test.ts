/** Links between pages, notebooks and code lead somewhere, and to what they name. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };

const root = new URL("../../", import.meta.url);

const namesIn = (folder: string, ending: string) =>
  [...Deno.readDirSync(new URL(`${folder}/`, root))].map(({ name }) => `${folder}/${name}`)
    .filter((path) => path.endsWith(ending));

/** What is written in a file: of a notebook its cells, without their outputs. */
async function textOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(path, root));
  if (!path.endsWith(".ipynb")) return text;
  const { cells } = JSON.parse(text) as { cells: { source: string | string[] }[] };
  return cells.map(({ source }) => [source].flat().join("")).join("\n\n");
}

const paths = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "data/images/README.md",
  ...namesIn("docs", ".md"),
  ...namesIn("notebooks", ".ipynb"),
];
const texts = await Promise.all(paths.map(async (path) => [path, await textOf(path)] as const));

/** Problems of the links of a page: files that are missing, headings that no longer stand there. */
async function brokenLinks(page: string, text: string): Promise<string[]> {
  const broken: string[] = [];
  for (const [, path = "", heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
    const target = new URL(path === "" ? page : path, path === "" ? root : new URL(page, root));
    const exists = await Deno.stat(target).then(() => true, () => false);
    if (!exists) broken.push(`${page} points at ${path}, which does not exist`);
    else if (heading !== undefined && target.pathname.endsWith(".md")) {
      const headings = (await Deno.readTextFile(target)).matchAll(/^#+ +(.*)$/gm);
      const anchors = [...headings].map(([, title = ""]) => anchorOf(title));
      const named = (await Deno.readTextFile(target)).includes(`<a id="${heading}"`);
      if (!anchors.includes(heading) && !named) {
        broken.push(`${page} points at "${heading}" of ${path || page}, which has no such heading`);
      }
    }
  }
  return broken;
}

/** As GitHub makes the anchor of a heading. */
function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");
}

Deno.test("every file and heading that a page or notebook points at exists", async () => {
  const broken = await Promise.all(texts.map(([page, text]) => brokenLinks(page, text)));
  assertEquals(broken.flat(), []);
  const links = texts.flatMap(([, text]) => [...text.matchAll(/\]\((?!https?:)/g)]).length;
  assert(links > 100, `found ${links} links`);
});

Deno.test("pages and tasks that are only named exist too", async () => {
  const broken: string[] = [];
  let named = 0;
  for (const [page, text] of texts) {
    for (
      const [path] of text.matchAll(
        /(?<![\w/])(?:docs|recipes|notebooks)\/[\w/]+\.(?:md|ts|ipynb)/g,
      )
    ) {
      named++;
      if (!await Deno.stat(new URL(path, root)).then(() => true, () => false)) {
        broken.push(`${page} names ${path}, which does not exist`);
      }
    }
    for (const [, task = ""] of text.matchAll(/deno task (?:-q )?([a-z][\w-]*)/g)) {
      named++;
      if (!(task in configuration.tasks)) {
        broken.push(`${page} names deno task ${task}, which does not exist`);
      }
    }
  }
  assertEquals(broken, []);
  assert(named > 100, `found ${named} names`);
});

Deno.test("a link to a file, to a heading or by name that leads nowhere is found", async () => {
  const broken = await brokenLinks(
    "docs/made_up.md",
    [
      "[a](performance.md) [b](design.md#1-the-rooms) [c](design.md#nowhere) [d](https://e.f)",
      "[e](../notebooks/00_quickstart.ipynb)",
    ].join("\n"),
  );
  assertEquals(broken, [
    "docs/made_up.md points at performance.md, which does not exist",
    'docs/made_up.md points at "nowhere" of design.md, which has no such heading',
  ]);
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
