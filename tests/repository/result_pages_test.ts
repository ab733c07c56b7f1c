/** Pages show what the runs recorded, and every record stands on a page. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { resultBlocks, resultPages } from "../../lib/report/records/result_pages.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, root));
const marker = /<!-- data\/results\//g;

async function pages(): Promise<string[]> {
  const paths = ["README.md"];
  for await (const { name } of Deno.readDir(new URL("docs", root))) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return paths;
}

async function blocks() {
  const texts = await Promise.all(
    (await pages()).map(async (page) => ({ page, text: await read(page) })),
  );
  return texts.flatMap(({ page, text }) => resultBlocks(text).map((block) => ({ page, ...block })));
}

Deno.test("every block of a page is the part of the record that it names", async () => {
  const shown = await blocks();
  assert(shown.length >= 12, `found ${shown.length} blocks`);
  for (const { page, record, text, part } of shown) {
    const recorded = await read(`data/results/${record}`);
    assert(text.length > 0, `${page} has an empty block of ${record}`);
    // The README may show whole paragraphs of a record without naming them.
    if (page === "README.md") assertStringIncludes(`${recorded}\n\n`, `${text}\n`, page);
    else assertEquals(text, part(recorded), `${page} differs from data/results/${record}`);
  }
});

Deno.test("every comment that names a record begins a block that can be refreshed", async () => {
  for (const page of await pages()) {
    const text = await read(page);
    assertEquals(text.match(marker)?.length ?? 0, resultBlocks(text).length, page);
    if (resultBlocks(text).length > 0) {
      assert(resultPages.includes(page), `${page} is not in resultPages`);
    }
  }
});

Deno.test("every record stands in whole on docs/results.md or docs/reliability.md", async () => {
  const shown = (await blocks()).filter(({ page }) => page !== "README.md");
  for await (const { name } of Deno.readDir(new URL("data/results", root))) {
    if (!name.endsWith(".md")) continue;
    const parts = shown.filter(({ record }) => record === name).map(({ text }) => text);
    assertEquals(parts.join("\n\n"), (await read(`data/results/${name}`)).trim(), name);
  }
});
