import { clip } from "./clip.ts";
import { dbotFt } from "./dbot_ft.ts";
import { deit3 } from "./deit3.ts";
import { dino } from "./dino.ts";
import { dinov2 } from "./dinov2.ts";
import type { TeacherFamily } from "./family.ts";
import { ibot } from "./ibot.ts";
import { timmVit } from "./timm_vit.ts";

/** A family whose files can be loaded; each is described in the file of its name. */
export type FamilyName =
  | "dino"
  | "ibot"
  | "deit3"
  | "dbot_ft"
  | "dinov2"
  | "clip"
  | "timm_vit";

/**
 * The families by name: the four teachers of UNIC, the two of UNIC-L, and timm's.
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
};
