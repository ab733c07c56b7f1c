/**
 * Widths, depths and heads of the usual vision transformers.
 *
 * @module
 */
import type { VisionTransformerConfig } from "./vision_transformer.ts";

/** Width, depth and heads of a named size. */
export type VisionTransformerSize = Pick<VisionTransformerConfig, "width" | "depth" | "heads">;

/**
 * The usual sizes of vision transformers: a recipe's student may be
 * `{ ...visionTransformerSizes.vit_small, patchSize: 16 }`.
 *
 * @source Dosovitskiy et al., 2021; Touvron et al., 2021 for tiny and small.
 *
 * @example
 * ```ts
 * import { countVisionTransformer, visionTransformerSizes } from "@hashigo/hashigo/nn";
 * const small = { ...visionTransformerSizes.vit_small, imageSize: 224, patchSize: 16 };
 * if (countVisionTransformer(small) !== 21_665_664) throw new Error("Expected ViT-S/16");
 * ```
 */
export const visionTransformerSizes = {
  vit_tiny: { width: 192, depth: 12, heads: 3 },
  vit_small: { width: 384, depth: 12, heads: 6 },
  vit_base: { width: 768, depth: 12, heads: 12 },
  vit_large: { width: 1024, depth: 24, heads: 16 },
} as const satisfies { readonly [name: string]: VisionTransformerSize };
