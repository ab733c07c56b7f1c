/** Sources of images in words. */
import type { RecipeSource } from "./image_options.ts";

/**
 * A source in progress lines and reports: "photos.zip (train)", "5000 images of the world 0", and
 * ", each 3 times" where a pass shows them more than once.
 */
export function describeSource(source: RecipeSource): string {
  const { repeat = 1 } = source;
  return describeImages(source) + (repeat === 1 ? "" : `, each ${repeat} times`);
}

function describeImages(source: RecipeSource): string {
  if ("world" in source) {
    const { seed, images, factor } = source.world;
    return `${images} images of the world ${seed}${factor === undefined ? "" : ` by ${factor}`}`;
  }
  if ("run" in source) {
    return `${source.images ?? "all"} images of the run ${source.run}`;
  }
  return source.split === undefined ? source.path : `${source.path} (${source.split})`;
}
