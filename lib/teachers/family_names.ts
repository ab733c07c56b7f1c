/** Names of the families of teachers: transformers and convolutional networks. */
import { UserError } from "../errors/user_error.ts";
import { convolutionalFamilies, type ConvolutionalFamilyName } from "./convolutional/families.ts";
import { teacherFamilies, type TransformerFamilyName } from "./families/families.ts";

/** Name of a family whose files can be loaded. */
export type FamilyName = TransformerFamilyName | ConvolutionalFamilyName;

/**
 * Checks that a name from outside is that of a family.
 *
 * @throws {UserError} Where it is not, with the names of all families.
 *
 * @example
 * ```ts
 * import { familyNamed } from "@hashigo/hashigo/teachers";
 * if (familyNamed("deit3") !== "deit3") throw new Error("Expected the name itself");
 * ```
 */
export function familyNamed(name: string): FamilyName {
  const family = familyNames().find((family) => family === name);
  if (family !== undefined) return family;
  throw new UserError(
    `Cannot load a teacher of the family "${name}": expected one of ${familyNames().join(", ")}. ` +
      "See docs/teachers.md",
  );
}

/** Names of all families. */
export function familyNames(): readonly FamilyName[] {
  return Object.keys({ ...teacherFamilies, ...convolutionalFamilies }) as FamilyName[];
}
