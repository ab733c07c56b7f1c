/** Which tokens of its teachers a recipe keeps, and so supervises. */
import type { TokenType } from "../method/tokens.ts";
import type { Recipe } from "./options.ts";
import { defaultFeatureCache } from "./schema.ts";

/** The kinds of tokens that the student learns from. */
export function keptTokensOf(recipe: Pick<Recipe, "featureCache">): readonly TokenType[] {
  return settingsOf(recipe).tokens;
}

/** Distance in rows and columns between the patches that are kept; 1 keeps all. */
export function patchStrideOf(recipe: Pick<Recipe, "featureCache">): number {
  return settingsOf(recipe).patchStride;
}

function settingsOf({ featureCache }: Pick<Recipe, "featureCache">) {
  return typeof featureCache === "boolean" ? defaultFeatureCache : featureCache;
}
