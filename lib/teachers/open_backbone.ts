/** Opens the teachers that recipes and command lines name. */
import { familyNamed } from "./family_names.ts";
import { loadFamily } from "./load_family.ts";
import type { LoadFamilyOptions } from "./families/load_options.ts";
import type { Backbone } from "./backbone.ts";
import { checkpointSourceOf } from "./check_backbone.ts";
import type { CheckpointSource } from "./model_name.ts";
import { openStudentFile, studentFamily } from "./student_file.ts";
import { loadTeacher } from "./zoo/zoo.ts";
import { openCheckpoint } from "../weights/checkpoint_file.ts";
import type { BackboneSpec } from "./backbone_spec.ts";

/**
 * Opens the teacher that a recipe names: one of the zoo, or one from a checkpoint.
 *
 * @throws {UserError} where the zoo has none of that name, the checkpoint is not named `FAMILY:FILE`, or
 * its file does not fit the family
 */
export async function openBackbone(teacher: BackboneSpec): Promise<Backbone> {
  const { name, checkpoint, ...options } = teacher;
  if (checkpoint === undefined) return await loadTeacher(name, options);
  const source = checkpointSourceOf(name, checkpoint);
  return await backboneFromCheckpoint(source, { name, ...options });
}

/**
 * Loads the teacher in a checkpoint, or the student of a run, `student:RUN`.
 *
 * @throws {UserError} where there is no such family, or the file does not fit it
 */
export async function backboneFromCheckpoint(
  { family, path }: CheckpointSource,
  { key, ...options }: Omit<BackboneSpec, "checkpoint"> & Pick<LoadFamilyOptions, "scaled">,
): Promise<Backbone> {
  if (family === studentFamily) return await openStudentFile(path, options.name, options);
  const familyName = familyNamed(family); // before the file is opened
  // The names that have no prefix are those of no dictionary: only the family tells them apart.
  using file = await openCheckpoint(path, { key: key === "." ? undefined : key });
  return loadFamily(familyName, file, { ...options, withoutPrefix: key === "." });
}
