import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { openModel } from "../../../lib/evaluation/models/open_model.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inFolder } from "../../images/images_fixture.ts";

await startEngine();

Deno.test("models are opened by name, and others refused with the nearest", () =>
  inFolder(async (folder) => {
    const teacher = await openModel("resnet20_cifar10@48", { name: "small" });
    assertEquals([teacher.name, teacher.role, teacher.backbone.input.size], [
      "small",
      "teacher",
      48,
    ]);
    teacher.backbone.dispose();

    const recipe = defineRecipe({
      name: "tiny",
      images: { sources: [{ path: "digits.zip" }], size: 16 },
      teachers: ["digits"],
      student: { width: 24, depth: 2, heads: 2, patchSize: 8 },
      optimization: { batchSize: 4, steps: 1 },
    });
    await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(recipe));
    const random = await openModel(`random:${folder}`);
    assertEquals([random.role, random.backbone.width, random.backbone.input.size], [
      "baseline",
      24,
      16,
    ]);
    const again = await openModel(`random:${folder}`);
    const images = tf.ones<tf.Rank.R4>([1, 16, 16, 3]);
    const [first, second] = [random, again].map(({ backbone }) =>
      backbone.features(images).cls?.dataSync()
    );
    assertEquals(first, second);
    random.backbone.dispose();
    again.backbone.dispose();

    await assertRejects(() => openModel(folder), UserError, "found no student.safetensors");
    await assertRejects(() => openModel("resnet20_cifar"), UserError, "mean resnet20_cifar10");
  }));
