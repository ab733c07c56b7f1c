import { UserError } from "../../errors/user_error.ts";
import type { SourceFiles } from "../source_files.ts";

/** Folders of images and masks, relative to their folder or zip. */
export interface MaskFolders {
  /** Of the images, such as "images/train". */
  readonly images: string;
  /** Of the masks, such as "labels/train". */
  readonly masks: string;
}

/**
 * Pairs images with their masks by names that are equal but for the ending, sorted by name.
 *
 * @returns The name without ending, and the positions of both in `files`.
 * @throws {UserError} Where there are no images, or an image or mask is alone.
 */
export function pairMasks(
  { files, description }: Pick<SourceFiles, "files" | "description">,
  folders: MaskFolders,
): { readonly name: string; readonly image: number; readonly mask: number }[] {
  const below = (folder: string, ending: RegExp) =>
    new Map(files.flatMap(({ name }, file) => {
      const belongs = name.startsWith(`${folder}/`) && ending.test(name) &&
        !name.split("/").some((part) => part.startsWith("."));
      return belongs ? [[name.slice(folder.length + 1).replace(ending, ""), file] as const] : [];
    }));
  const images = below(folders.images, /\.(png|jpe?g|webp)$/i);
  const masks = below(folders.masks, /\.png$/i);
  const unmasked = [...images.keys()].find((name) => !masks.has(name));
  const imageless = [...masks.keys()].find((name) => !images.has(name));
  if (images.size > 0 && unmasked === undefined && imageless === undefined) {
    return [...images].sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, image]) => ({ name, image, mask: masks.get(name)! }));
  }
  throw new UserError(
    `Cannot pair images and masks in the ${description}: found ${images.size} images in ` +
      `"${folders.images}" and ${masks.size} masks in "${folders.masks}"` +
      (unmasked === undefined ? "" : `, none for the image "${unmasked}"`) +
      (imageless === undefined ? "" : `, no image for the mask "${imageless}"`) +
      ". Expected a PNG of the same name for every image. Check the folders in the manifest.",
  );
}
