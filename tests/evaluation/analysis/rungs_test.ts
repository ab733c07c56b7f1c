/** A trained student's predictions, taken apart rung by rung. */
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { measureRungs } from "../../../lib/evaluation/analysis/rungs.ts";
import { notebookRecipe } from "../../../lib/report/notebook/recipe.ts";
import { worldBatch } from "../../../lib/world/batch.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd } from "../../training/shared_runs_fixture.ts";

Deno.test("the parts of the rungs are all of a prediction, by teacher in the order of the recipe", async () => {
  await startEngine();
  await inTemporaryFolder(async (folder) => {
    const images = { world: { seed: 2, images: 16 } };
    const recipe = notebookRecipe(2, {
      images: { sources: [images], size: 64, views: 1, augmentation: false },
      teachers: ["world_shape", "world_palette"],
      optimization: { batchSize: 8, steps: 2, learningRate: 1e-3 },
      ladder: { blocks: [1, 3] },
      featureCache: false,
    });
    await runToEnd(recipe, { folder: `${folder}/run` });
    const { blocks, teachers } = await measureRungs(`${folder}/run`, worldBatch(5, 0, 4));
    assertEquals(blocks, [2, 4]);
    assertEquals(teachers.map(({ teacher }) => teacher), ["world_shape", "world_palette"]);
    for (const { shares, remainder } of teachers) {
      assertEquals(shares.length, 2);
      assertAlmostEquals(shares[0]! + shares[1]!, 1, 1e-6);
      assert(shares.every((share) => share > 0.01), `${shares}`);
      assertLess(remainder, 1e-4);
    }
  });
});
