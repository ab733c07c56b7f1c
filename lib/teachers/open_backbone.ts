/** Teachers as recipes and command lines name them. */
import { familyNamed } from "./families/families.ts";
import { loadFamily } from "./families/load_family.ts";
import type { Backbone } from "./backbone.ts";
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
  const { inputSize } = options;
  return await loadTeacher(name, inputSize === undefined ? {} : { inputSize });
}

/** Whether something is named as `FAMILY:FILE`. */
export function isCheckpoint(what: string): boolean {
  return /^\w+:./.test(what);
}

/**
 * The teacher in a file of weights.
 *
 * @param what `FAMILY:FILE`, such as `dino:my.pth`
 * @throws {UserError} where it is not named so, there is no such family, or the file does not fit it
 */
export async function backboneFromFile(
  what: string,
  options: Pick<BackboneSpec, "name" | "inputSize" | "heads">,
): Promise<Backbone> {
  const [, family, path] = /^(\w+):(.+)$/.exec(what) ?? [];
  if (family === undefined || path === undefined) {
    throw new UserError(
      `Cannot load the teacher "${options.name}" from "${what}": expected FAMILY:FILE, such as ` +
        "dino:my.pth. See docs/teachers.md",
    );
  }
  const known = familyNamed(family); // before the file is opened
  using file = await openCheckpoint(path);
  return loadFamily(known, file, options);
}
