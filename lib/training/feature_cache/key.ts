/** Everything that the features of a teacher's views depend on. */
import type { FeatureVersion } from "../../teachers/feature_version.ts";
import { supervisedGrid } from "../../nn/token_grid.ts";
import { patchStrideOf } from "../../recipe/feature_cache.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { targetCompilation } from "../arithmetic.ts";
import type { TrainingSetup } from "../setup.ts";

/** What views are drawn from. */
type ViewsOf = Pick<TrainingSetup, "recipe" | "augmentation"> & {
  readonly images: Pick<ImagePack, "digest" | "canvas" | "count">;
};

/** The key of a teacher's cache file: where any of it differs, features are computed anew. */
export function featureCacheKey(
  setup: ViewsOf & Pick<TrainingSetup, "student">,
  teacher: Teacher,
  version: FeatureVersion,
): Record<string, unknown> {
  const { recipe, student } = setup;
  const { featureCache, precision } = recipe;
  const stride = patchStrideOf(recipe);
  const isSubset = typeof featureCache === "object" &&
    (featureCache.tokens.length < 2 || stride > 1);
  return {
    version,
    teacher: [teacher.digest, teacher.input, supervisedGrid(student.ladder.grid, teacher.grid())],
    computed: { ...targetCompilation(recipe, [teacher]), tensorFloat32: precision === "tf32" },
    ...viewsKey(setup),
    // Named only where there is one, so that files of whole teachers are found again.
    subset: isSubset ? [teacher.tokens, teacher.tokens.includes("patch") ? stride : 1] : undefined,
  };
}

/** Everything that views depend on. */
export function viewsKey(
  { recipe, images, augmentation }: ViewsOf,
): Record<string, unknown> {
  return {
    images: [images.digest, images.canvas, images.count],
    // Views that are not drawn do not depend on the seed, and runs that differ in it share their features.
    views: isDrawn(augmentation) ? { seed: recipe.seed, augmentation } : { augmentation },
  };
}

function isDrawn(
  { scale, flip, jitter, grey, blur, solarize }: TrainingSetup["augmentation"],
): boolean {
  return [scale, flip, jitter, grey, blur, solarize].some((part) => part !== false);
}
