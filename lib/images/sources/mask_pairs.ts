import { UserError } from "../../errors/user_error.ts";
import type { OpenPlace } from "./source.ts";

/** Folders of a place, relative to it. */
export interface MaskedPlaces {
  /** Of the images, such as "images/train". */
  readonly images: string;
  /** Of the masks, such as "labels/train". */
  readonly masks: string;
}

/**
 * Images with their masks, by names that agree but for the ending, sorted.
 *
 * @returns the name without ending, and the positions of both among the files of the place.
 * @throws {UserError} where there are none, or one lacks the other.
 */
export function pairMasks(
  { files, place }: Pick<OpenPlace, "files" | "place">,
  folders: MaskedPlaces,
): { readonly name: string; readonly image: number; readonly mask: number }[] {
  const below = (folder: string, ending: RegExp) =>
    new Map(files.flatMap(({ name }, file) => {
      const inside = name.startsWith(`${folder}/`) && ending.test(name) &&
        !name.split("/").some((part) => part.startsWith("."));
      return inside ? [[name.slice(folder.length + 1).replace(ending, ""), file] as const] : [];
    }));
  const images = below(folders.images, /\.(png|jpe?g|webp)$/i);
  const masks = below(folders.masks, /\.png$/i);
  const alone = [...images.keys()].find((name) => !masks.has(name));
  const lost = [...masks.keys()].find((name) => !images.has(name));
  if (images.size > 0 && alone === undefined && lost === undefined) {
    return [...images].sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, image]) => ({ name, image, mask: masks.get(name)! }));
  }
  throw new UserError(
    `Cannot pair images and masks in the ${place}: found ${images.size} images in ` +
      `"${folders.images}" and ${masks.size} masks in "${folders.masks}"` +
      (alone === undefined ? "" : `, none for the image "${alone}"`) +
      (lost === undefined ? "" : `, no image for the mask "${lost}"`) +
      ". Expected a PNG of the same name for every image. Check the folders in the manifest.",
  );
}
