/** TF32 is off unless a recipe asks for it, and off again when its run has ended. */
import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { compiledPrecision, targetCompilation } from "../../lib/training/arithmetic.ts";
import { distill } from "../../lib/training/distill.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "./tiny_distillation_fixture.ts";

testWithTensorFlow(
  "TensorFlow's own switch for TF32 is off from the start, and works",
  async () => {
    const engine = await startEngine();
    assertEquals(engine.tensorFloat32, false, "TensorFlow itself begins with true");
    engine.tensorFloat32 = true;
    assertEquals(engine.tensorFloat32, true);
    engine.tensorFloat32 = false;
    assertEquals(engine.tensorFloat32, false);
  },
);

testWithTensorFlow(
  "a run switches TF32 on where its recipe asks for it, and off when it ends",
  () =>
    inTemporaryFolder(async (folder) => {
      await writeImages(folder, { count: 5 });
      const engine = await startEngine();
      const losses: Record<string, number[]> = {};
      for (const precision of ["float32", "tf32"]) {
        const recipe = applyOverrides(recipeOver(folder), [
          `precision=${precision}`,
          "optimization.steps=2",
        ]);
        const options = { folder: `${folder}/${precision}`, teachers: [madeUpTeacher()] };
        const own: number[] = losses[precision] = [];
        for await (const { loss } of distill(recipe, options)) {
          assertEquals(engine.tensorFloat32, precision === "tf32");
          own.push(loss);
        }
        assertEquals(engine.tensorFloat32, false);
      }
      // A processor knows no TF32.
      if (engine.devices.every((name) => !name.includes("GPU"))) {
        assertEquals(losses.tf32, losses.float32);
      }
    }),
);

Deno.test("functions are compiled for bfloat16 alone; views that are resized stay as they are", () => {
  assertEquals(compiledPrecision({ precision: "tf32" }), "float32");
  assertEquals(compiledPrecision({ precision: "bfloat16" }), "bfloat16");
  const [teacher] = [madeUpTeacher()], recipe = recipeOver("nowhere");
  const of = (size: number, precision: "float32" | "bfloat16") =>
    targetCompilation({ ...recipe, precision, images: { ...recipe.images, size } }, [teacher]);
  assertEquals(of(16, "bfloat16"), { mode: "graph", precision: "bfloat16" });
  assertEquals(of(32, "bfloat16"), { mode: "graph", precision: "float32" });
  assert(of(16, "float32").precision === "float32");
});
