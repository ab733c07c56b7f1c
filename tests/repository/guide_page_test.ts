/** docs/guide.md is what its command writes from the records, and names experiments and pages that exist. */
import { assert, assertEquals } from "@std/assert";
import allExperiments from "../../recipes/experiments/experiments.ts";
import { readGuideInput } from "../../lib/cli/commands/repository/guide.ts";
import { guidePage } from "../../lib/report/guide/guide_page.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
const input = await readGuideInput(new URL("../../data/results", import.meta.url).pathname);
const page = await read("docs/guide.md");

Deno.test("the guide is what the records give: run deno task guide after recording", () => {
  assertEquals(page, guidePage(input));
});

Deno.test("the guide has at most 160 lines", () => {
  assert(page.split("\n").length <= 160, `${page.split("\n").length} lines`);
});

Deno.test("every experiment that the guide names exists, and has its place on the page of experiments", async () => {
  const experiments = await read("docs/experiments.md");
  const named = [...page.matchAll(/experiments\.md#(\w+)/g)].map(([, name]) => name!);
  assert(new Set(named).size >= 15, `${new Set(named).size} experiments`);
  for (const name of named) {
    assert(allExperiments.some((experiment) => experiment.name === name), name);
    assert(experiments.includes(`<a id="${name}"></a>`), name);
  }
});

Deno.test("every line that says what pays off names an experiment or a page of results", () => {
  const section = page.slice(page.indexOf("## By part"), page.indexOf("## What it costs"));
  const lines = section.split("\n").filter((line) => line.startsWith("- **"));
  assert(lines.length >= 30, `${lines.length} lines`);
  for (const line of lines) assert(/\]\((experiments|results|selection)\.md/.test(line), line);
});

/** Every number of the page, in order. */
function numbersOf(text: string): string[] {
  return text.match(/\d+(?:\.\d+)?/g) ?? [];
}

Deno.test("each record that the guide reads moves a figure of it", () => {
  const used = [
    ...["bench_drift.json", "bench_serve.json", "bench_update.json", "torture.json", "select.json"],
    ...[
      "deployment.md",
      "suite.csv",
      "tiny_imagenet.md",
      "tiny_imagenet_from_scratch.csv",
      "demo.md",
    ],
  ];
  for (const name of used) {
    const text = input.records.get(name);
    assert(text !== undefined, name);
    // Every number of the record grows by a tenth.
    const moved = text.replaceAll(/\d+\.\d+|(?<=min |\D)\d{2,}(?=[ ,\n])/g, (one) => {
      const digits = one.split(".")[1]?.length ?? 0;
      return (1.1 * Number(one)).toFixed(digits);
    });
    const records = new Map(input.records).set(name, moved);
    assert(guidePage({ ...input, records }) !== page, `${name} moves nothing`);
    const without = new Map(input.records);
    without.delete(name);
    const left = numbersOf(guidePage({ ...input, records: without })).length;
    assert(left < numbersOf(page).length, `without ${name} its figures stay`);
  }
});

Deno.test("each experiment on file moves a figure of the guide", () => {
  for (const outcome of input.outcomes) {
    if (outcome.results.length === 0) continue;
    const results = outcome.results.map((one, i) => ({ ...one, value: 1.5 * one.value + i % 7 }));
    const outcomes = input.outcomes.map((one) => one === outcome ? { ...one, results } : one);
    assert(guidePage({ ...input, outcomes }) !== page, `${outcome.experiment.name} moves nothing`);
  }
});
