/** docs/reliability.md names tests that exist, and figures that a run recorded. */
import { assert, assertStringIncludes } from "@std/assert";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("every test that a promise names exists, under that name", async () => {
  const page = await read("docs/reliability.md");
  const rows = page.split("\n").filter((line) => /^\| +\d+ /.test(line));
  assert(rows.length === 14, `${rows.length} promises`);
  let names = 0;
  for (const row of rows) {
    for (
      const [, file = "", quoted = ""] of row.matchAll(
        /`(tests\/[\w/]+\.ts)`: ((?:"[^"]+"(?:, )?)+)/g,
      )
    ) {
      const text = await read(file);
      for (const [, name = ""] of quoted.matchAll(/"([^"]+)"/g)) {
        assertStringIncludes(text, name);
        names++;
      }
    }
  }
  assert(names >= 15, `${names} names`);
});

Deno.test("the figures of the long runs are those that they recorded", async () => {
  const page = await read("docs/reliability.md");
  for (const [name, word] of [["torture", "injected"], ["soak", "resident"]] as const) {
    const block = new RegExp(`<!-- data/results/${name}\\.md -->\n([^]*?)<!-- end -->`);
    const [, text = ""] = block.exec(page) ?? [];
    assertStringIncludes(text, word);
    assertStringIncludes(await read(`data/results/${name}.md`), text.trim());
  }
});
