/** Networks to start from that are not there, or are others than the student, are refused before any work. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import { checkTraining } from "../../lib/training/check_training.ts";
import { distill } from "../../lib/training/distill.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { writeImages } from "./tiny_distillation_fixture.ts";

await startEngine();

function recipeFrom(folder: string, student: RecipeInput["student"]) {
  return defineRecipe({
    name: "warm",
    images: { sources: [{ path: `${folder}/images` }], size: 32 },
    teachers: ["resnet20_cifar10"],
    student,
    optimization: { batchSize: 4, steps: 1, warmupSteps: 0 },
    ...{ mode: "graph", workers: 0 },
  });
}

Deno.test("a name that is none is refused with the nearest, and nothing is made", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const cases: [string, string][] = [
      ["resnet20_cifar", "Did you mean resnet20_cifar10 or"],
      [`${folder}/run`, "expected the folder of a finished run"],
      ["dino:missing.pth", "no such file"],
      ["dyno:missing.pth", "expected one of"],
    ];
    for (const [from, part] of cases) {
      const recipe = recipeFrom(folder, { kind: "resnet_cifar", blocks: 3, from });
      const error = await assertRejects(() => checkTraining(recipe), UserError);
      assertStringIncludes(error.message, part);
      const run = distill(recipe, { folder: `${folder}/run` });
      await assertRejects(() => run.next(), UserError, part);
    }
    const recipe = recipeFrom(folder, { kind: "resnet_cifar", blocks: 3, from: folder });
    await assertRejects(() => checkTraining(recipe), UserError, "no student.safetensors");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["images"]);
  }));

Deno.test("a source that does not fit is refused with both, before images are decoded", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const from = "resnet20_cifar10";
    const colours = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
    const cases: [RecipeInput["student"], string][] = [
      [{ kind: "mobilenet_v2", from }, "student: mobilenet_v2 of 19 stages"],
      [{ kind: "resnet_cifar", blocks: 9, from, ...colours }, "student: resnet_cifar of 28 stages"],
      [
        { kind: "resnet_cifar", blocks: 3, from, mean: [0, 0, 0], std: [1, 1, 1] },
        "set student.mean",
      ],
      [{ width: 32, depth: 2, heads: 2, patchSize: 8, from }, "student: vision transformer"],
    ];
    for (const [student, part] of cases) {
      const run = distill(recipeFrom(folder, student), { folder: `${folder}/run` });
      const error = await assertRejects(() => run.next(), UserError);
      assertStringIncludes(error.message, `Cannot start the student from "${from}"`);
      assertStringIncludes(error.message, "source:  resnet20_cifar10");
      assertStringIncludes(error.message, part);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["images"]);
  }));
