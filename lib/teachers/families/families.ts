import { UserError } from "../../errors/user_error.ts";
import { clip } from "./clip.ts";
import { dbotFt } from "./dbot_ft.ts";
import { deit3 } from "./deit3.ts";
import { dino } from "./dino.ts";
import { dinov2 } from "./dinov2.ts";
import type { TeacherFamily } from "./family.ts";
import { ibot } from "./ibot.ts";
import { timmVit } from "./timm_vit.ts";
import { unic } from "./unic.ts";

/** A family whose files can be loaded; each is described in the file of its name. */
export type FamilyName =
  | "dino"
  | "ibot"
  | "deit3"
  | "dbot_ft"
  | "dinov2"
  | "clip"
  | "timm_vit"
  | "unic";

/**
 * The families by name: the four teachers of UNIC, the two of UNIC-L, timm's, and UNIC's
 * own students.
 *
 * @example
 * ```ts
 * import { teacherFamilies } from "@hashigo/hashigo";
 * if (teacherFamilies.clip.epsilon !== 1e-5) throw new Error("CLIP's norms differ");
 * ```
 */
export const teacherFamilies: { readonly [name in FamilyName]: TeacherFamily } = {
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
 * The family of this name, for names that come from a command line.
 *
 * @throws {UserError} Where there is none, with those that there are.
 *
 * @example
 * ```ts
 * import { familyNamed } from "@hashigo/hashigo";
 * if (familyNamed("deit3") !== "deit3") throw new Error("Expected the name itself");
 * ```
 */
export function familyNamed(name: string): FamilyName {
  const names = Object.keys(teacherFamilies) as FamilyName[];
  const found = names.find((one) => one === name);
  if (found !== undefined) return found;
  throw new UserError(
    `Cannot load a teacher of the family "${name}": expected one of ${names.join(", ")}. ` +
      "See docs/teachers.md",
  );
}
