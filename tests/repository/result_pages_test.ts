/** Pages show what the runs recorded, and every record stands on a page. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { processorFolder } from "../../lib/engine/install/processor.ts";
import { recordTexts, resultBlocks, resultPages } from "../../lib/report/records/result_pages.ts";

const root = new URL("../../", import.meta.url);
const results = fileURLToPath(new URL("data/results", root));
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
    const recorded = await recordTexts(results, record);
    const mayBeEmpty = record.startsWith("machines/") && recorded.length === 0;
    assert(text.length > 0 || mayBeEmpty, `${page} has an empty block of ${record}`);
    // The README may show whole paragraphs of a record without naming them.
    if (page === "README.md") {
      assertStringIncludes(`${recorded.join("\n\n")}\n\n`, `${text}\n`, page);
    } else assertEquals(text, part(recorded), `${page} differs from data/results/${record}`);
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

Deno.test("every record stands in whole on a page of docs, those of machines beside one another", async () => {
  const shown = (await blocks()).filter(({ page }) => page !== "README.md");
  for (const record of await recordNames()) {
    const parts = shown.filter((block) => block.record === record).map(({ text }) => text);
    const recorded = (await recordTexts(results, record)).map((text) => text.trim());
    assertEquals(parts.join("\n\n"), recorded.join("\n\n"), record);
  }
});

Deno.test("a record of speed names its machine, and lies in the folder of that machine", async () => {
  for (const folder of await names("data/results/machines")) {
    const place = `data/results/machines/${folder}`;
    for (const table of await names(place)) {
      if (table !== "numbers") assert(/^bench_\w+\.md$/.test(table), `${folder}/${table}`);
    }
    for (const name of await names(`${place}/numbers`)) {
      assert(/^bench_\w+\.json$/.test(name), `${folder}/numbers/${name}`);
      const { machine } = JSON.parse(await read(`${place}/numbers/${name}`));
      const { cpu, cores } = machine, bare = processorFolder({ name: cpu, cores });
      const suffix = `_${cores}_core${cores === 1 ? "" : "s"}`;
      assert(folder.startsWith(bare.slice(0, -suffix.length)), `${folder}/${name} is of ${cpu}`);
      assert(folder.endsWith(suffix), `${folder}/${name} is of ${cores} cores`);
    }
  }
});

Deno.test("what seeds cannot tell stands on the page of experiments with a sentence of why", async () => {
  const undecided = (await read("docs/experiments.md")).split("\n")
    // One seed is a reason that the line itself gives.
    .filter((line) => line.includes("| too noisy to tell |") && !line.includes("(one seed)"));
  assert(undecided.length > 0);
  for (const line of undecided) {
    assert(!/\|\s+\|$/.test(line), `add a why to the claim of: ${line}`);
  }
});

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(new URL(folder, root)))).map(({ name }) => name);
}

/** Names of all records as blocks have them. */
async function recordNames(): Promise<Set<string>> {
  const records = new Set<string>();
  const tables = async (place: string) =>
    (await names(place)).filter((name) => name.endsWith(".md"));
  for (const name of await tables("data/results")) records.add(name);
  for (const machine of await names("data/results/machines")) {
    for (const name of await tables(`data/results/machines/${machine}`)) {
      records.add(`machines/each/${name}`);
    }
  }
  return records;
}
