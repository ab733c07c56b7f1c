import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { readRecordedRun } from "../../../lib/advice/past/recorded_run.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { inFolder, writeFiles } from "../../images/images_fixture.ts";

const recipe = defineRecipe({
  name: "job",
  images: { sources: [{ path: "photos" }], size: 32 },
  teachers: ["first"],
  student: { width: 96, depth: 4, heads: 3, patchSize: 8 },
  optimization: { batchSize: 16, steps: 10 },
});
const csv = `model,task,metric,value
student,a,k-NN accuracy,60
student,a,logistic regression accuracy,70
student,a,"k-NN accuracy, same readout for all",99
first,a,k-NN accuracy,50
`;

Deno.test("means of whole-image metrics as features are, and minutes", () =>
  inFolder(async (folder) => {
    const minutes: [text: string, minutes: number][] = [
      ["108,416 images in 27 min 58 s of training.", 27 + 58 / 60],
      ["9 images in 8 s of training", 8 / 60],
      ["9 images in 2 h 10 min of training", 130],
    ];
    for (const [text, expected] of minutes) {
      await writeFiles(folder, { "job.csv": csv, "job.md": `Table.\n\n${text}\n` });
      const run = (await readRecordedRun(recipe, folder))!;
      assertEquals([...run.means], [["student", 65], ["first", 50]]);
      assertAlmostEquals(run.minutes, expected, 1e-12);
      assertEquals(run.seen, text.startsWith("9") ? 9 : 108_416);
    }
  }));

Deno.test("no record is none; one that was changed is refused", () =>
  inFolder(async (folder) => {
    assertEquals(await readRecordedRun(recipe, folder), undefined);
    await writeFiles(folder, { "job.csv": csv, "job.md": "No time." });
    await assertRejects(() => readRecordedRun(recipe, folder), UserError, "no time of training");
    await writeFiles(folder, {
      "job.csv": csv.replace(",60", ",sixty"),
      "job.md": "9 images in 8 s of training",
    });
    await assertRejects(() => readRecordedRun(recipe, folder), UserError, "sixty");
  }));
