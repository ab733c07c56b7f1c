/** Features of all images of a folder or zip, in memory. */
import { cachedExtractor, pooledFeatureFolder } from "../evaluation/features/pooled_cache.ts";
import { featureExtractor } from "../evaluation/features/pooled.ts";
import { UserError } from "../errors/user_error.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { packLabelled } from "../images/packs/pack.ts";
import type { ImagePack, QuarantinedImage } from "../images/packs/pack_file.ts";
import { readableImages } from "../images/packs/select_images.ts";
import { listDataset } from "../images/sources/dataset.ts";
import { labelTables } from "../images/sources/label_table.ts";
import { labelledImages } from "../images/sources/labelled_images.ts";
import type { LabelledImages } from "../images/sources/labels.ts";
import { taskParts } from "../images/sources/parts.ts";
import { openSourceFiles } from "../images/sources/source.ts";
import { describeDataset } from "../images/sources/summary.ts";
import type { FeatureMatrix } from "../metrics/feature_matrix.ts";
import type { LabelledFeatures } from "../metrics/labelled_features.ts";
import type { Backbone } from "../teachers/backbone.ts";

/** Share of the images of a folder that may be unreadable; more is a mistake in the path. */
const mostUnreadable = 0.5;

/** Options of {@linkcode folderFeatures}. */
export interface FolderFeaturesOptions extends DecodeOptions {
  /** Receives a line that says which images were read and passed over. */
  readonly onListed?: ((line: string) => void) | undefined;
  /** Called while images are decoded, and while features are computed. */
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

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
  options: FolderFeaturesOptions = {},
): Promise<FolderFeatures> {
  const files = await openSourceFiles(path);
  try {
    const dataset = listDataset(files);
    const all: LabelledImages = {
      classes: [""],
      images: dataset.images.map((image) => ({ ...image, label: 0 })),
      read: describeDataset(dataset),
    };
    const { classes: _, labels: _labels, ...features } = await featuresOf(backbone, all, {
      ...options,
      files,
      path,
    });
    return features;
  } finally {
    files.close();
  }
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
  options: FolderFeaturesOptions = {},
): Promise<LabelledFolder> {
  const files = await openSourceFiles(path);
  try {
    const dataset = listDataset(files), tables = labelTables(dataset);
    const { train } = await taskParts(dataset, tables);
    const labelled = await labelledImages(dataset, train, tables);
    return await featuresOf(backbone, labelled, { ...options, files, path });
  } finally {
    files.close();
  }
}

async function featuresOf(
  backbone: Backbone,
  images: LabelledImages,
  { files, path, onListed, onProgress, ...decoding }: FolderFeaturesOptions & {
    readonly files: Parameters<typeof packLabelled>[0];
    readonly path: string;
  },
): Promise<LabelledFolder> {
  onListed?.(`${path}: ${images.read}`);
  const pack = await packLabelled(files, images, {
    ...decoding,
    canvas: backbone.input.size,
    quarantine: mostUnreadable,
    onProgress: (done, total) => onProgress?.(`decoding ${path}`, done, total),
  });
  try {
    for (const { name, reason } of pack.quarantined ?? []) {
      onListed?.(`warning: ${name} is unreadable and left out: ${reason}`);
    }
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
