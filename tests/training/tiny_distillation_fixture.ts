/** A distillation of made-up images and a teacher without weights: compiled and run in a moment. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { isTransformerStudent } from "../../lib/recipe/student_config.ts";
import type { RecipeTransformer } from "../../lib/recipe/student_options.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { type Backbone, convolutionalBackbone } from "../../lib/teachers/backbone.ts";
import { png, writeFiles } from "../images/images_fixture.ts";

/** Writes so many images of 16 px to `FOLDER/images/a`, the one called "odd.png" filled with a grey. */
export async function writeImages(
  folder: string,
  { count, odd }: { readonly count: number; readonly odd?: number },
): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) {
    files[`a/${String(i).padStart(3, "0")}.png`] = await png(i, 16, 16);
  }
  if (odd !== undefined) {
    const { default: sharp } = await import("sharp");
    const create = { width: 16, height: 16, channels: 3, background: { r: odd, g: odd, b: odd } };
    files["a/odd.png"] = await sharp({ create: { ...create, channels: 3 } }).png().toBuffer();
  }
  await writeFiles(`${folder}/images`, files);
}

/** A recipe over them, without augmentation, so that an image is the same in every view. */
export function recipeOver(folder: string): Recipe & { readonly student: RecipeTransformer } {
  const { student, ...recipe } = defineRecipe({
    name: "made_up",
    images: { sources: [{ path: `${folder}/images` }], size: 16, augmentation: false },
    teachers: ["made_up"],
    student: { width: 8, depth: 1, heads: 2, patchSize: 8, dropPath: 0 },
    optimization: { batchSize: 4, steps: 12, warmupSteps: 1, learningRate: 1e-3 },
    mode: "graph",
    workers: 0,
    checkpoint: { every: 3 },
  });
  assert(isTransformerStudent(student));
  return { ...recipe, student };
}

/** A teacher that says of every patch its mean colour, changed by `change`. */
export function madeUpTeacher(
  change: (colours: tf.Tensor4D) => tf.Tensor4D = (colours) => colours,
  name = "made_up",
): Backbone {
  return convolutionalBackbone({
    name,
    family: "mean",
    licence: "CC0-1.0",
    digest: name,
    input: { size: 16, mean: [0, 0, 0], std: [1, 1, 1] },
    width: 3,
    stride: 8,
    parameters: {},
    featureMap: (_, images) => change(tf.avgPool(images, 8, 8, "same")),
  });
}
