import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import { imageEndings } from "../codec/image_formats.ts";
import type { SourceFiles } from "../source_files.ts";
import { withoutMaskSuffix } from "./mask_names.ts";
import { compareNames, endingOf, isHidden } from "./names.ts";

/** Folders of images and masks, relative to their folder or zip; they may be the same. */
export interface MaskFolders {
  /** Of the images, such as "images/train". */
  readonly images: string;
  /** Of the masks, such as "labels/train". */
  readonly masks: string;
}

/** A file below a folder: its name there without ending, and its position in the source. */
interface Named {
  readonly stem: string;
  readonly file: number;
}

/**
 * Pairs images with their masks, sorted by name. The names of a pair are equal but for the ending, or
 * but for a mark such as `_mask`, or but for what all images and all masks begin and end with
 * (`a_leftImg8bit.png`, `a_gtFine_labelIds.png`).
 *
 * @returns The name of the image without ending, and the positions of both in `files`.
 * @throws {UserError} Where there are no images, or an image or mask is alone.
 */
export function pairMasks(
  source: Pick<SourceFiles, "files" | "description">,
  folders: MaskFolders,
): { readonly name: string; readonly image: number; readonly mask: number }[] {
  const { images, masks } = filesOf(source, folders);
  refuseAnnotations(source, folders, masks.length);
  const ends = [images, masks].map((files) => sharedEnds(files.map(({ stem }) => stem)));
  const ways: [image: (stem: string) => string, mask: (stem: string) => string][] = [
    [(stem) => stem, (stem) => stem],
    [(stem) => stem, withoutMaskSuffix],
    [(stem) => within(stem, ends[0]!), (stem) => within(stem, ends[1]!)],
  ];
  for (const [ofImage, ofMask] of ways) {
    const byKey = new Map(masks.map(({ stem, file }) => [ofMask(stem), file]));
    const pairs = images.map(({ stem, file }) => ({
      ...{ name: stem, image: file },
      mask: byKey.get(ofImage(stem)),
    }));
    const keys = new Set(images.map(({ stem }) => ofImage(stem)));
    const whole = images.length > 0 && keys.size === images.length &&
      byKey.size === images.length && masks.length === images.length;
    if (!whole || !isComplete(pairs)) continue;
    return pairs.sort((a, b) => compareNames(a.name, b.name));
  }
  throw unpaired(source, folders, { images, masks });
}

function isComplete<Pair extends { readonly mask: number | undefined }>(
  pairs: Pair[],
): pairs is (Pair & { readonly mask: number })[] {
  return pairs.every(({ mask }) => mask !== undefined);
}

/** Images and masks; in one folder, marked names are masks, and where there are none PNG files are. */
function filesOf({ files }: Pick<SourceFiles, "files">, folders: MaskFolders) {
  const below = (folder: string, accept: (ending: string, stem: string) => boolean) => {
    const prefix = folder === "." ? "" : `${folder.replace(/^(\.\/)+|\/+$/g, "")}/`;
    return files.flatMap(({ name, size }, file): Named[] => {
      if (!name.startsWith(prefix) || size === 0 || name.split("/").some(isHidden)) return [];
      const ending = endingOf(name);
      const stem = name.slice(prefix.length, -ending.length - 1);
      return imageEndings.has(ending) && accept(ending, stem) ? [{ stem, file }] : [];
    });
  };
  const any = () => true;
  if (folders.images !== folders.masks) {
    return { images: below(folders.images, any), masks: below(folders.masks, any) };
  }
  const marked = (_: string, stem: string) => withoutMaskSuffix(stem) !== stem;
  const isMask = below(folders.masks, marked).length > 0
    ? marked
    : (ending: string) => ending === "png";
  const isImage = (ending: string, stem: string) => !isMask(ending, stem);
  return { images: below(folders.images, isImage), masks: below(folders.masks, isMask) };
}

/** What all stems begin and end with, cut where a word ends. */
function sharedEnds(stems: readonly string[]): { readonly start: string; readonly end: string } {
  const [first = ""] = stems;
  const shared = (at: (stem: string, i: number) => string) => {
    let length = 0;
    while (length < first.length && stems.every((stem) => at(stem, length) === at(first, length))) {
      length++;
    }
    return length;
  };
  const start = first.slice(0, shared((stem, i) => stem.charAt(i)));
  const end = first.slice(first.length - shared((stem, i) => stem.charAt(stem.length - 1 - i)));
  return {
    start: /^.*[_\-.\s/]/.exec(start)?.[0] ?? "",
    end: /[_\-.\s].*$/.exec(end)?.[0] ?? "",
  };
}

function within(stem: string, { start, end }: ReturnType<typeof sharedEnds>): string {
  return stem.slice(start.length, Math.max(start.length, stem.length - end.length));
}

function refuseAnnotations(
  { files, description }: Pick<SourceFiles, "files" | "description">,
  { masks }: MaskFolders,
  found: number,
): void {
  const json = files.find(({ name }) =>
    /\.json$/i.test(name) && (name === masks || name.startsWith(`${masks}/`))
  );
  if (json === undefined || found > 0) return;
  throw new UserError(
    `Cannot read the masks in the ${description}: found ${
      quote(json.name)
    }, expected a PNG for every ` +
      "image. COCO annotations are converted by pycocotools, a line for each object: " +
      'mask[coco.annToMask(annotation) > 0] = annotation["category_id"]; docs/own_data.md has the ' +
      "whole program",
  );
}

function unpaired(
  { description }: Pick<SourceFiles, "description">,
  folders: MaskFolders,
  { images, masks }: { readonly images: readonly Named[]; readonly masks: readonly Named[] },
): UserError {
  const alone = (these: readonly Named[], those: readonly Named[]) => {
    const known = new Set(those.map(({ stem }) => withoutMaskSuffix(stem)));
    return these.find(({ stem }) => !known.has(withoutMaskSuffix(stem)))?.stem;
  };
  const [unmasked, imageless] = [alone(images, masks), alone(masks, images)];
  return new UserError(
    `Cannot pair images and masks in the ${description}: found ${images.length} images in ` +
      `"${folders.images}" and ${masks.length} masks in "${folders.masks}"` +
      (unmasked === undefined ? "" : `, none for the image "${unmasked}"`) +
      (imageless === undefined ? "" : `, no image for the mask "${imageless}"`) +
      ". Expected a PNG of the same name, or with _mask behind it, for every image. Check the " +
      "folders in the manifest.",
  );
}
