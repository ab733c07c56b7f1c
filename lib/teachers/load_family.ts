/** Loads teachers from the files of weights that their authors released. */
import type { Backbone } from "./backbone.ts";
import { isConvolutional } from "./convolutional/families.ts";
import { loadConvolutional } from "./convolutional/load_convolutional.ts";
import type { CheckpointTensors } from "./families/checkpoint_tensors.ts";
import type { FamilyName } from "./family_names.ts";
import type { LoadFamilyOptions } from "./families/load_options.ts";
import { loadTransformer } from "./families/load_transformer.ts";

/**
 * Loads a teacher from a file of weights. Width, depth, patches, registers and the size of the images come
 * from the names and shapes of its tensors. The engine must have been started; dispose of the teacher when done.
 *
 * @param family See the files in `lib/teachers/families`, `lib/teachers/convolutional` and
 *   `docs/teachers.md`.
 * @param file From {@linkcode openCheckpoint}; its numbers are read one tensor after the other,
 *   and it may be closed afterwards.
 * @throws {UserError} Where tensors are missing, surplus or of another shape, with the family that fits
 *   better; where a weight is not finite; where heads or input size do not divide.
 *
 * @example
 * ```ts
 * import { loadFamily } from "@hashigo/hashigo/teachers";
 * import { encodeTorchCheckpoint, openCheckpoint } from "@hashigo/hashigo/weights";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [8], data: new Float32Array(8) };
 * await Deno.writeFile(path, encodeTorchCheckpoint({ "norm.bias": bias }));
 * let refused = "";
 * try {
 *   using file = await openCheckpoint(path);
 *   loadFamily("dino", file);
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes('"cls_token" is missing')) throw new Error("Expected to miss the rest");
 * await Deno.remove(path);
 * ```
 */
export function loadFamily(
  family: FamilyName,
  file: CheckpointTensors,
  options: LoadFamilyOptions = {},
): Backbone {
  return isConvolutional(family)
    ? loadConvolutional(family, file, options)
    : loadTransformer(family, file, options);
}
