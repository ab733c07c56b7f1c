/**
 * A student of the best single teacher alone, on the same images and with the same budget as
 * `tiny_imagenet_from_scratch.ts`.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task distill recipes/tiny_imagenet_single.ts`
 * Expect:  see data/results/tiny_imagenet_from_scratch.md, where its student stands beside the one of all three
 */
import { defineRecipe } from "@hashigo/hashigo";
import all from "./tiny_imagenet_from_scratch.ts";

export default defineRecipe({
  ...all,
  name: "tiny_imagenet_single",
  description: "MobileNetV2 of ImageNet alone into the student of tiny_imagenet_from_scratch.",
  teachers: all.teachers.filter(({ name }) => name === "mobilenet_v2_imagenet"),
});
