import { assertEquals, assertStringIncludes } from "@std/assert";
import { recordEvaluation } from "../../../lib/report/records/evaluation_record.ts";

const row = { model: "pixels", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
const evaluation = {
  rows: [{ ...row, task: "digits", value: 90 }, { ...row, task: "land_use", value: 30 }],
  costs: [],
  models: [["pixels", "baseline"] as const],
};
const provenance = {
  command: "deno task evaluate --suite",
  date: "2026-01-01",
  machine: "2 cores",
};

Deno.test("a recorded evaluation has the means, where they come from, and every table", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    const path = await recordEvaluation(evaluation, `${folder}/suite`, provenance, { canvas: 32 });
    assertEquals(path, `${folder}/suite.md`);
    const [means, note, title, table] = (await Deno.readTextFile(path)).trim().split("\n\n");
    assertStringIncludes(means ?? "", "| k-NN | **60.0** |");
    assertStringIncludes(
      note ?? "",
      "`deno task evaluate --suite`, 2026-01-01, 2 cores. 2 tasks, all images; all models see them at 32 px",
    );
    assertEquals(title, "**k-NN, %**");
    assertStringIncludes(table ?? "", "| digits | **90.0** |");
    assertStringIncludes(
      await Deno.readTextFile(`${folder}/suite.csv`),
      "pixels,digits,k-NN,90.00",
    );
    const limited = { canvas: 32, limit: 500 };
    await recordEvaluation(evaluation, `${folder}/suite`, provenance, limited);
    assertStringIncludes(
      await Deno.readTextFile(path),
      "at most 500 train and 500 test images of each",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
