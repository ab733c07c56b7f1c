/** Options of a recipe's student that came later: recipes without them stay as they were. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { recipeDigest } from "../../lib/recipe/fingerprint.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { RecipeTransformer } from "../../lib/recipe/student_options.ts";
import { visionTransformerSizes } from "../../lib/nn/vision_transformer_sizes.ts";
import { UserError } from "../../lib/errors/user_error.ts";

const input = {
  name: "options",
  images: { sources: [{ path: "digits.zip" }], size: 32 },
  teachers: ["digits"],
  student: { ...visionTransformerSizes.vit_tiny, patchSize: 4 },
  optimization: { batchSize: 64, steps: 1000 },
} satisfies RecipeInput;

Deno.test("registers and LayerScale have no default, so older runs keep their digests", () => {
  const plain = defineRecipe(input);
  assert(!("registers" in plain.student) && !("layerScale" in plain.student));
  const own = applyOverrides(plain, ["student.registers=4", "student.layerScale=1e-4"]);
  const { registers, layerScale } = own.student as RecipeTransformer;
  assertEquals([registers, layerScale], [4, 1e-4]);
  assertNotEquals(recipeDigest(own), recipeDigest(plain));
});

Deno.test("registers are counted, LayerScale is positive", () => {
  const refused = (student: Partial<RecipeTransformer>, option: string) =>
    assertThrows(
      () => defineRecipe({ ...input, student: { ...input.student, ...student } }),
      UserError,
      option,
    );
  refused({ registers: -1 }, "registers");
  refused({ registers: 0.5 }, "registers");
  refused({ layerScale: 0 }, "layerScale");
});
