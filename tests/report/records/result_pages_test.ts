import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  refreshPage,
  refreshResultPages,
  resultBlocks,
} from "../../../lib/report/records/result_pages.ts";

const page = [
  "# Results",
  "<!-- data/results/a.md -->",
  "old",
  "<!-- end -->",
  "<!-- data/results/a.md, paragraphs 1 to 2 -->",
  "",
  "old",
  "",
  "<!-- end -->",
  "<!-- data/results/a.md, paragraphs 3 on -->",
  "<!-- end -->",
  "<!-- data/results/b.md -->",
  "kept",
  "<!-- end -->",
  "The end",
].join("\n");
const record = "one\n\ntwo $& $1\n\nthree\n\nfour\n";

Deno.test("a block is replaced by its record, or by the paragraphs that it names", () => {
  const refreshed = refreshPage(page, new Map([["a.md", record]]));
  assertEquals(refreshed.split("\n"), [
    ..."# Results|<!-- data/results/a.md -->|one||two $& $1||three||four|<!-- end -->".split("|"),
    ..."<!-- data/results/a.md, paragraphs 1 to 2 -->||one||two $& $1||<!-- end -->".split("|"),
    ..."<!-- data/results/a.md, paragraphs 3 on -->|three||four|<!-- end -->".split("|"),
    ..."<!-- data/results/b.md -->|kept|<!-- end -->|The end".split("|"),
  ]);
  assertEquals(refreshPage(refreshed, new Map([["a.md", record]])), refreshed);
  assertEquals(
    resultBlocks(refreshed).slice(0, 3).map(({ text, part }) => text === part(record)),
    [true, true, true],
  );
});

Deno.test("pages of a checkout are brought up to date, and a record that is not there is named", async () => {
  const root = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    const results = `${root}/data/results`;
    await Deno.mkdir(results, { recursive: true });
    await Deno.writeTextFile(`${root}/README.md`, page);
    await Deno.writeTextFile(`${results}/a.md`, record);
    await assertRejects(() => refreshResultPages(results), UserError, "found no data/results/b.md");
    await Deno.writeTextFile(`${results}/b.md`, "kept\n");
    assertEquals(await refreshResultPages(results), [`${root}/README.md`]);
    assertEquals(await refreshResultPages(results), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
