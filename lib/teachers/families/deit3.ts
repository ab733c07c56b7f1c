import type { TeacherFamily } from "./family.ts";
import { blocks, embedding, fineTunedPositions, norm, timmFamily } from "./tensor_names.ts";

/**
 * DeiT III (Touvron et al., 2022): trained on labels of ImageNet; the paper takes the ViT-B/16 at 224
 * of ImageNet-1K.
 *
 * - CLS has no position: positions are added to the patches before CLS joins them.
 * - LayerScale in every block, `gamma_1` and `gamma_2`.
 * - Positions at other sizes: bicubic to the size, without offset or antialiasing, as its fine-tuning
 *   does. The classifier (`head.`) is not read.
 */
export const deit3: TeacherFamily = {
  ...timmFamily,
  positions: () => fineTunedPositions,
  expected: (_, depth) => [
    ...embedding("patches"),
    ...blocks(depth, { scales: ["gamma_1", "gamma_2"] }),
    ...norm("norm", "norm"),
  ],
};
