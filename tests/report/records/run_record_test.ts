import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { writeEvaluation } from "../../../lib/evaluation/results.ts";
import { recordRun } from "../../../lib/report/records/run_record.ts";
import { madeUpRun } from "../run_fixture.ts";

const provenance = { command: "deno task demo", date: "2026-01-01", machine: "2 cores" };

Deno.test("a recorded run has scores and costs, the students of other runs, and its losses", async () => {
  const run = await Deno.makeTempDir({ prefix: "hashigo" });
  const { recipe, reports, rows, costs, models } = madeUpRun();
  try {
    await Deno.writeTextFile(`${run}/recipe.json`, JSON.stringify(recipe));
    await Deno.writeTextFile(
      `${run}/log.jsonl`,
      reports.map((report) => JSON.stringify(report) + "\n").join(""),
    );
    await assertRejects(
      () => recordRun(run, `${run}/results`, provenance),
      UserError,
      "found no evaluation there",
    );
    await writeEvaluation(run, { rows, costs, models });
    const path = await recordRun(run, `${run}/results`, provenance, { beside: [run] });
    assertEquals(path, `${run}/results/demo.md`);
    const [scores = "", note = "", title, losses = ""] = (await Deno.readTextFile(path))
      .trim().split("\n\n");
    const lines = scores.split("\n");
    assertStringIncludes(lines[2]!, "| student | 92.4 | 78.1 | 88.9 | 61.7 | **80.3** |");
    assertStringIncludes(lines[3]!, "| demo | 92.4 |");
    assertStringIncludes(lines.at(-1)!, "| all 4 teachers |  |");
    assertStringIncludes(note, "`deno task demo`, 2026-01-01, 2 cores; ");
    assertEquals(title, "Losses and kept shares on the way:");
    assertEquals(losses.split("\n").length, 2 + 7);
    const mean = {
      model: "student",
      metric: "k-NN accuracy",
      tasks: 4,
      against: "specialist_digits",
    };
    const lead = { outcome: "win", difference: 1.5, low: 0.25, high: 2.75, p: 0.01 } as const;
    await writeEvaluation(run, { rows, costs, models, means: [{ ...mean, ...lead }] });
    await recordRun(run, `${run}/results`, provenance);
    const [, , heading = "", leads] = (await Deno.readTextFile(path)).trim().split("\n\n");
    assertStringIncludes(heading, "paired over the test images");
    assertEquals(
      leads,
      "- k-NN accuracy: mean +1.5 [+0.3, +2.8] against specialist_digits: wins",
    );
  } finally {
    await Deno.remove(run, { recursive: true });
  }
});
