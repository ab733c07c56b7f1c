/** Teachers as recipes and command lines name them. */
import { familyNamed } from "./families/families.ts";
import { loadFamily } from "./families/load_family.ts";
import type { Backbone } from "./backbone.ts";
import { type CheckpointSource, parseCheckpointSource } from "./model_name.ts";
import { loadTeacher } from "./zoo/zoo.ts";
import { UserError } from "../errors/user_error.ts";
import { openCheckpoint } from "../weights/checkpoint_file.ts";
import type { BackboneSpec } from "./backbone_spec.ts";

/**
 * The teacher that a recipe names: one of the zoo, or one from a checkpoint of its own.
 *
 * @throws {UserError} where the zoo has none of that name, or the checkpoint does not fit its family
 */
export async function openBackbone(teacher: BackboneSpec): Promise<Backbone> {
  const { name, checkpoint, ...options } = teacher;
  if (checkpoint !== undefined) return await backboneFromFile(checkpoint, { name, ...options });
  return await loadTeacher(name, options);
}

/** Whether something is named as `FAMILY:FILE`. */
export function isCheckpoint(text: string): boolean {
  return parseCheckpointSource(text) !== undefined;
}

/**
 * The teacher in a file of weights.
 *
 * @param text `FAMILY:FILE`, such as `dino:my.pth`
 * @throws {UserError} where it is not named so, there is no such family, or the file does not fit it
 */
export async function backboneFromFile(
  text: string,
  options: Pick<BackboneSpec, "name" | "inputSize" | "heads">,
): Promise<Backbone> {
  const source = parseCheckpointSource(text);
  if (source === undefined) {
    throw new UserError(
      `Cannot load the teacher "${options.name}" from "${text}": expected FAMILY:FILE, such as ` +
        "dino:my.pth. See docs/teachers.md",
    );
  }
  return await backboneFromCheckpoint(source, options);
}

/**
 * Loads the teacher in a checkpoint.
 *
 * @throws {UserError} where there is no such family, or the file does not fit it
 */
export async function backboneFromCheckpoint(
  { family, path }: CheckpointSource,
  options: Pick<BackboneSpec, "name" | "inputSize" | "heads">,
): Promise<Backbone> {
  const known = familyNamed(family); // before the file is opened
  using file = await openCheckpoint(path);
  return loadFamily(known, file, options);
}
