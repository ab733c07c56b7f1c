/** Sources of images in words. */
import type { RecipeSource } from "./image_options.ts";

/** A source in progress lines and reports: "photos.zip (train)", "5000 images of the world 0". */
export function describeSource(source: RecipeSource): string {
  if ("world" in source) {
    const { seed, images, factor } = source.world;
    return `${images} images of the world ${seed}${factor === undefined ? "" : ` by ${factor}`}`;
  }
  return source.split === undefined ? source.path : `${source.path} (${source.split})`;
}
