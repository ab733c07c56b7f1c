/** The images of a folder or zip as a pack, whatever its folders mean. */
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { packLabelled } from "../images/packs/pack.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { listDataset } from "../images/sources/dataset.ts";
import type { LabelledImages } from "../images/sources/labels.ts";
import { openSourceFiles } from "../images/sources/source.ts";
import { describeDataset } from "../images/sources/summary.ts";
import type { SourceFiles } from "../images/source_files.ts";

/** Share of the images of a folder that may be unreadable; more is a mistake in the path. */
const mostUnreadable = 0.5;

/** How the images of a folder are read, and who hears of it. */
export interface FolderOptions extends DecodeOptions {
  /** Receives a line that says which images were read and passed over. */
  readonly onListed?: ((line: string) => void) | undefined;
  /** Called while images are decoded, and while features are computed. */
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
  /**
   * Positions, among so many images sorted by name, of those that are read. Default: all. Not for images whose
   * classes matter.
   */
  readonly choose?: ((images: number) => readonly number[]) | undefined;
}

/**
 * Packs the images below a folder or in a zip, sorted by name.
 *
 * @throws {UserError} where there is no image, or most of them are unreadable.
 */
export async function packFolder(
  path: string,
  canvas: number,
  options: FolderOptions = {},
): Promise<ImagePack> {
  const files = await openSourceFiles(path);
  try {
    const dataset = listDataset(files);
    const chosen = options.choose?.(dataset.images.length).map((place) => dataset.images[place]!);
    const read = describeDataset(dataset) +
      (chosen === undefined || chosen.length === dataset.images.length
        ? ""
        : `; ${chosen.length.toLocaleString("en")} of them, drawn by the seed`);
    const images = (chosen ?? dataset.images).map((image) => ({ ...image, label: 0 }));
    return await packListed(files, { classes: [""], images, read }, path, canvas, options);
  } finally {
    files.close();
  }
}

/**
 * Packs images that were listed, and names those that are unreadable.
 *
 * @throws {UserError} where most of them are unreadable.
 */
export async function packListed(
  files: SourceFiles,
  images: LabelledImages,
  path: string,
  canvas: number,
  { onListed, onProgress, choose: _, ...decoding }: FolderOptions,
): Promise<ImagePack> {
  onListed?.(`${path}: ${images.read}`);
  const pack = await packLabelled(files, images, {
    ...decoding,
    canvas,
    quarantine: mostUnreadable,
    onProgress: (done, total) => onProgress?.(`decoding ${path}`, done, total),
  });
  for (const { name, reason } of pack.quarantined ?? []) {
    onListed?.(`warning: ${name} is unreadable and left out: ${reason}`);
  }
  return pack;
}
