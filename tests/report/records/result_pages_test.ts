import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  recordTexts,
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
  const refreshed = refreshPage(page, new Map([["a.md", [record]]]));
  assertEquals(refreshed.split("\n"), [
    ..."# Results|<!-- data/results/a.md -->|one||two $& $1||three||four|<!-- end -->".split("|"),
    ..."<!-- data/results/a.md, paragraphs 1 to 2 -->||one||two $& $1||<!-- end -->".split("|"),
    ..."<!-- data/results/a.md, paragraphs 3 on -->|three||four|<!-- end -->".split("|"),
    ..."<!-- data/results/b.md -->|kept|<!-- end -->|The end".split("|"),
  ]);
  assertEquals(refreshPage(refreshed, new Map([["a.md", [record]]])), refreshed);
  assertEquals(
    resultBlocks(refreshed).slice(0, 3).map(({ text, part }) => text === part([record])),
    [true, true, true],
  );
});

Deno.test("a block of which nothing was measured stays as it is, however often it is refreshed", () => {
  const empty = "<!-- data/results/machines/each/c.md -->\n\n\n<!-- end -->";
  const refreshed = refreshPage(empty, new Map([["machines/each/c.md", []]]));
  assertEquals(refreshed, "<!-- data/results/machines/each/c.md -->\n<!-- end -->");
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

Deno.test("a block of each machine shows the records of all, and no other's is written over", async () => {
  const root = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    const results = `${root}/data/results`, page = `${root}/README.md`;
    const begin = "<!-- data/results/machines/each/speed.md, paragraphs 1 to 1 -->";
    await Deno.writeTextFile(page, `${begin}\n<!-- end -->\n`);
    for (const machine of ["b_2_cores", "a_8_cores", "c_1_core"]) {
      await Deno.mkdir(`${results}/machines/${machine}`, { recursive: true });
      if (machine === "c_1_core") continue; // has no such record
      const text = `of ${machine}\n\nmore\n`;
      await Deno.writeTextFile(`${results}/machines/${machine}/speed.md`, text);
    }
    assertEquals(await refreshResultPages(results), [page]);
    const shown = await Deno.readTextFile(page);
    assertEquals(shown, `${begin}\nof a_8_cores\n\nof b_2_cores\n<!-- end -->\n`);
    assertEquals((await recordTexts(results, "machines/each/speed.md")).length, 2);
    assertEquals(await recordTexts(results, "speed.md"), []);
    // Of what no machine has measured there is nothing to show, and nothing wrong.
    const empty = "<!-- data/results/machines/each/none.md -->\n<!-- end -->\n";
    await Deno.writeTextFile(page, empty.replace("-->\n<", "-->\nold\n<"));
    await refreshResultPages(results);
    assertEquals((await Deno.readTextFile(page)).replaceAll("\n\n", "\n"), empty);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
