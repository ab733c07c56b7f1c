import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { benchRounding } from "../../../lib/bench/rounding/bench_rounding.ts";
import { roundingTable } from "../../../lib/bench/rounding/rounding_table.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import tinyTest from "../../../recipes/tiny_test.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd } from "../../training/shared_runs_fixture.ts";

await startEngine();

Deno.test("fewer bits turn features more, and every file is measured", () =>
  inTemporaryFolder(async (folder) => {
    const recipe = applyOverrides(tinyTest, [
      "optimization.steps=2",
      'evaluation.tasks=["digits"]',
    ]);
    await runToEnd(recipe, { folder: `${folder}/run` });
    const setting = { fewestBits: 6, images: 40, limit: 40 };
    const result = await benchRounding(setting, `${folder}/run`);
    assertEquals(result.files.map(({ bits }) => bits), [32, 8, 7, 6]);
    const turned = result.files.map((file) => file.turned);
    assertEquals(turned.toSorted((a, b) => a - b), turned);
    assert(turned[0]! < 1e-5 && turned[3]! > 2 * turned[1]!, `${turned}`);
    for (const { accuracy, tasks } of result.files) {
      assertEquals(tasks, [{ task: "digits", accuracy }]);
    }
    const table = roundingTable(result).join("\n");
    assertStringIncludes(table, "at most 40 images of each part of a task");
    assertStringIncludes(table, `+0.0    ${result.files[0]!.accuracy.toFixed(1)}`);
    for (
      const [run, bits, words] of [["none", 6, "found none in"], [
        "run",
        9,
        "9 bits: expected 2 to 8",
      ]] as const
    ) {
      const refused = () => benchRounding({ ...setting, fewestBits: bits }, `${folder}/${run}`);
      await assertRejects(refused, UserError, words);
    }
    await assertRejects(
      () => benchRounding({ ...setting, fewestBits: 1 }, `${folder}/run`),
      UserError,
      "1 bits",
    );
  }));
