import { assertEquals } from "@std/assert";
import { stateShapeOf } from "../../lib/recipe/student_config.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";

const input: RecipeInput = {
  name: "a",
  images: { sources: [{ path: "images" }], size: 16 },
  teachers: ["a"],
  student: { width: 8, depth: 1, heads: 2, patchSize: 8 },
  optimization: { batchSize: 4, steps: 12 },
};

Deno.test("a state has averages of the losses for AdaLoss alone", () => {
  for (
    const [kind, averages] of [["ada_loss", true], ["none", false], [
      "teacher_drop",
      false,
    ]] as const
  ) {
    const shape = stateShapeOf(defineRecipe({ ...input, balancing: { kind } }), []);
    assertEquals(shape, { teachers: [], standardizer: "ema", averages }, kind);
  }
});
