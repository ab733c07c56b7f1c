import { dino } from "./dino.ts";
import type { TeacherFamily } from "./family.ts";

/**
 * iBOT (Zhou et al., 2022): the network of DINO, trained with masked patches as well; the paper takes
 * the ViT-B/16 with random masking.
 *
 * - Names, norm and positions are DINO's, so a file of one loads as the other.
 * - What its training adds, a projection head (`head.`) and the embedding of masked patches, is not
 *   read.
 */
export const ibot: TeacherFamily = { ...dino, ignored: [...dino.ignored, /^masked_embed$/] };
