import { assert, assertEquals } from "@std/assert";
import { pastRunsSchema } from "../../../../lib/advice/past/past_runs.ts";
import {
  pastRunsOf,
  recordPastRuns,
} from "../../../../lib/cli/commands/advise/record_past_runs.ts";
import { pastRunsMarkdown } from "../../../../lib/report/tables/past_runs_table.ts";
import { inFolder } from "../../../images/images_fixture.ts";

const results = new URL("../../../../data/results/", import.meta.url);
const read = (name: string) => Deno.readTextFile(new URL(name, results));

Deno.test("the table of past runs is what the results on file give: deno task experiments makes it anew", async () => {
  const past = await pastRunsOf(results.pathname.replace(/\/$/, ""));
  assertEquals(pastRunsSchema.parse(JSON.parse(await read("past_runs.json"))), past);
  assertEquals(await read("past_runs.md"), pastRunsMarkdown(past));
  assert(past.runs.length >= 10 && past.components.length >= 4);
});

Deno.test("students of 246 generated images know no more than a network that was never trained", async () => {
  // The reason for the fewest images of a student from scratch.
  const lines = (await read("experiments/world_scarce_data.csv")).split("\n").map((line) =>
    line.split(",")
  );
  const others = (await read("experiments/world_student_and_teachers.csv")).split("\n").map((
    line,
  ) => line.split(","));
  const mean = (table: string[][], row: string) => {
    const values = table.filter(([name, , , measure]) =>
      name === row &&
      /^logistic world_(shape|texture|palette|count|background)$/.test(measure ?? "")
    ).map((cells) => Number(cells[4]));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  assert(mean(lines, "four_3") < mean(others, "untrained"));
  assert(mean(lines, "four_10") > mean(others, "untrained"));
});

Deno.test("without results the table is empty, and written whole", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/data/results`, { recursive: true });
    await recordPastRuns(`${folder}/data/results`);
    const past = JSON.parse(await Deno.readTextFile(`${folder}/data/results/past_runs.json`));
    assertEquals(past, { version: 1, runs: [], components: [] });
  }));
