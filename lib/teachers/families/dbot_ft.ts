import type { TeacherFamily } from "./family.ts";
import { blocks, embedding, fineTunedPositions, norm, timmFamily } from "./tensor_names.ts";

/**
 * dBOT (Liu et al., 2022) fine-tuned on ImageNet-1K with labels, and networks fine-tuned in the same
 * way after MAE. The paper takes the ViT-B/16 whose file name carries 84.5.
 *
 * - No final norm: patches are the last block's tokens as they are, not normalised.
 * - CLS is the norm (`fc_norm`) of the mean of the patches; the CLS token only takes part in attention.
 * - Positions at other sizes: bicubic to the size, without offset or antialiasing, as its fine-tuning
 *   does. The classifier (`head.`) is not read.
 * - The variant with relative positions (taught by CLIP) has other tensors and is refused.
 */
export const dbotFt: TeacherFamily = {
  ...timmFamily,
  positions: () => fineTunedPositions,
  expected: (_, depth) => [
    ...embedding("1+patches"),
    ...blocks(depth),
    ...norm("fc_norm", "meanNorm"),
  ],
};
