/** The tokens of its teachers that a recipe keeps. */
import type { TokenType } from "../method/tokens.ts";
import type { Recipe } from "./options.ts";

/** The kinds of tokens that the student learns from. */
export function keptTokensOf({ featureCache }: Pick<Recipe, "featureCache">): readonly TokenType[] {
  return typeof featureCache === "boolean" ? ["cls", "patch"] : featureCache.tokens;
}

/** Distance in rows and columns between the patches that are kept; 1 keeps all. */
export function patchStrideOf({ featureCache }: Pick<Recipe, "featureCache">): number {
  return typeof featureCache === "boolean" ? 1 : featureCache.patchStride;
}
