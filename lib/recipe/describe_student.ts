/** A student in words. */
import { encoderStages } from "../nn/encoder.ts";
import type { Recipe } from "./options.ts";
import { sizeOf } from "./resolutions.ts";
import { encoderConfigOf, isTransformerStudent } from "./student_config.ts";

/**
 * What kind of network a recipe trains, its size, and where it starts.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { describeStudent } from "./describe_student.ts";
 * const recipe = defineRecipe({
 *   name: "small",
 *   images: { sources: [{ path: "photos" }], size: 64 },
 *   teachers: ["mobilenet_v2_imagenet"],
 *   student: { kind: "mobilenet_v2", from: "mobilenet_v2_imagenet", inputSize: 96, freeze: 7 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const words = describeStudent(recipe);
 * if (!words.startsWith("mobilenet_v2 of 19 stages on 96 px, from")) throw new Error(words);
 * ```
 */
export function describeStudent(recipe: Pick<Recipe, "student" | "images">): string {
  const { student } = recipe, encoder = encoderConfigOf(recipe);
  const start = (student.from === undefined ? "" : `, from ${student.from}`) +
    (student.freeze ? `, ${student.freeze} stages frozen` : "");
  const sizes = student.resolutions?.map(sizeOf) ?? [encoder.imageSize];
  const pixels = `${sizes.join(", then ")} px`;
  if (isTransformerStudent(student)) {
    const { width, depth, heads, patchSize } = student;
    return `vision transformer, width ${width}, depth ${depth}, ${heads} heads, ` +
      `patches of ${patchSize} px on ${pixels}${start}`;
  }
  return `${student.kind} of ${encoderStages(encoder).length} stages on ${pixels}${start}`;
}
