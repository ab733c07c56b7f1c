import { clip } from "./clip.ts";
import { dbotFt } from "./dbot_ft.ts";
import { deit3 } from "./deit3.ts";
import { dino } from "./dino.ts";
import { dinov2 } from "./dinov2.ts";
import type { TeacherFamily } from "./family.ts";
import { ibot } from "./ibot.ts";
import { timmVit } from "./timm_vit.ts";
import { unic } from "./unic.ts";

/** Name of a family of transformers; each is described in the file of its name. */
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
