import { referencePositions } from "../../nn/position.ts";
import type { TeacherFamily } from "./family.ts";
import { blocks, embedding, norm, timmFamily } from "./tensor_names.ts";

/**
 * DINO (Caron et al., 2021): ViT-S and ViT-B with patches of 16 or 8, without labels.
 *
 * - Final norm on all tokens; CLS is the image's feature.
 * - Positions at other sizes: bicubic over a scale of (to + 0.1) / from, without antialiasing.
 * - A full checkpoint holds a student and a teacher, each with a projection head (`head.`), which is
 *   not read; take the teacher.
 */
export const dino: TeacherFamily = {
  ...timmFamily,
  positions: () => referencePositions,
  expected: (_, depth) => [
    ...embedding("1+patches"),
    ...blocks(depth),
    ...norm("norm", "norm"),
  ],
};
