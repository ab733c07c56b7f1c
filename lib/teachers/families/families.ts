import { UserError } from "../../errors/user_error.ts";
import { convolutionalFamilies, type ConvolutionalFamilyName } from "../convolutional/families.ts";
import { clip } from "./clip.ts";
import { dbotFt } from "./dbot_ft.ts";
import { deit3 } from "./deit3.ts";
import { dino } from "./dino.ts";
import { dinov2 } from "./dinov2.ts";
import type { TeacherFamily } from "./family.ts";
import { ibot } from "./ibot.ts";
import { timmVit } from "./timm_vit.ts";
import { unic } from "./unic.ts";

/** Name of a family whose files can be loaded; each is described in the file of its name. */
export type FamilyName = TransformerFamilyName | ConvolutionalFamilyName;

/** Name of a family of transformers. */
export type TransformerFamilyName =
  | "dino"
  | "ibot"
  | "deit3"
  | "dbot_ft"
  | "dinov2"
  | "clip"
  | "timm_vit"
  | "unic";

/**
 * The families of transformers by name: the four teachers of UNIC, the two of UNIC-L, timm's, and UNIC's students.
 *
 * @example
 * ```ts
 * import { teacherFamilies } from "@hashigo/hashigo/teachers";
 * if (teacherFamilies.clip.epsilon !== 1e-5) throw new Error("CLIP's norms differ");
 * ```
 */
export const teacherFamilies: { readonly [name in TransformerFamilyName]: TeacherFamily } = {
  dino,
  ibot,
  deit3,
  dbot_ft: dbotFt,
  dinov2,
  clip,
  timm_vit: timmVit,
  unic,
};

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
