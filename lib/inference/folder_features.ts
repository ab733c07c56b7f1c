/** Features of all images of a folder or zip, in memory. */
import { cachedExtractor, pooledFeatureFolder } from "../evaluation/features/pooled_cache.ts";
import { featureExtractor } from "../evaluation/features/pooled.ts";
import { UserError } from "../errors/user_error.ts";
import type { ImagePack, QuarantinedImage } from "../images/packs/pack_file.ts";
import { readableImages } from "../images/packs/select_images.ts";
import { listDataset } from "../images/sources/dataset.ts";
import { labelTables } from "../images/sources/label_table.ts";
import { labelledImages } from "../images/sources/labelled_images.ts";
import { taskParts } from "../images/sources/parts.ts";
import { openSourceFiles } from "../images/sources/source.ts";
import type { FeatureMatrix } from "../metrics/feature_matrix.ts";
import type { LabelledFeatures } from "../metrics/labelled_features.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { type FolderOptions, packFolder, packListed } from "./folder_pack.ts";

/** Features of the images of a folder that can be read. */
export interface FolderFeatures extends FeatureMatrix {
  /** `[images]`, relative to the folder. */
  readonly names: readonly string[];
  /** Images that cannot be read. */
  readonly unreadable: readonly QuarantinedImage[];
}

/** Features and classes of labelled images. */
export interface LabelledFolder extends FolderFeatures, LabelledFeatures {
  /** Names of the classes, in the order of the labels. */
  readonly classes: readonly string[];
}

/**
 * Features of every image below a folder or in a zip, whatever its folders mean, sorted by name.
 *
 * @throws {UserError} where there is no image, or most of them are unreadable.
 */
export async function folderFeatures(
  backbone: Backbone,
  path: string,
  options: FolderOptions = {},
): Promise<FolderFeatures> {
  const pack = await packFolder(path, backbone.input.size, options);
  const { classes: _, labels: _labels, ...features } = await featuresOf(
    backbone,
    pack,
    path,
    options,
  );
  return features;
}

/**
 * Features and classes of labelled images: class folders, or a table of labels; of a set with parts those of
 * the train part.
 *
 * @throws {UserError} where there is no image, the classes cannot be told, or most images are unreadable.
 */
export async function labelledFeatures(
  backbone: Backbone,
  path: string,
  options: FolderOptions = {},
): Promise<LabelledFolder> {
  const files = await openSourceFiles(path);
  try {
    const dataset = listDataset(files), tables = labelTables(dataset);
    const { train } = await taskParts(dataset, tables);
    const labelled = await labelledImages(dataset, train, tables);
    const pack = await packListed(files, labelled, path, backbone.input.size, options);
    return await featuresOf(backbone, pack, path, options);
  } finally {
    files.close();
  }
}

/** Of a pack, which it closes. */
async function featuresOf(
  backbone: Backbone,
  pack: ImagePack,
  path: string,
  { onProgress }: FolderOptions,
): Promise<LabelledFolder> {
  try {
    return {
      ...await extract(
        backbone,
        readableImages(pack),
        (done, total) => onProgress?.(`features of ${path}`, done, total),
      ),
      unreadable: pack.quarantined ?? [],
    };
  } finally {
    pack.close();
  }
}

async function extract(
  backbone: Backbone,
  pack: ImagePack,
  onProgress: (done: number, total: number) => void,
): Promise<Omit<LabelledFolder, "unreadable">> {
  const extractor = cachedExtractor(
    featureExtractor(backbone, { batchSize: Math.min(32, pack.count) }),
    backbone,
    pooledFeatureFolder(),
  );
  try {
    const { cls } = await extractor.extract(pack, { onProgress });
    if (cls === undefined) {
      throw new UserError(
        `Cannot use "${backbone.name}" on whole images: it has features of patches only`,
      );
    }
    const { names, labels, classes } = pack;
    return { ...cls, names, labels, classes };
  } finally {
    extractor.dispose();
  }
}
