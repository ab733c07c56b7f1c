/** Searches the images of a folder for those that are like others. */
import { resolve } from "node:path";
import { folderFeatures } from "./folder_features.ts";
import type { FolderOptions } from "./folder_pack.ts";
import {
  type NearDuplicate,
  nearDuplicates,
  nearestImages,
  type Neighbour,
  neighbourIndex,
} from "./neighbours.ts";
import type { OpenedStudent } from "./open_student.ts";

/** What is searched, and for what. */
export interface SearchRequest {
  /** Folder or zip that is searched. */
  readonly index: string;
  /** Folder or zip of images to find similar ones of; may be the index itself. */
  readonly images: string;
  /** Neighbours of each. */
  readonly count: number;
  /** Similarity from which on two images of the index are near-duplicates. */
  readonly duplicatesFrom: number;
}

/** What was found. */
export interface SearchResult {
  /** Names of the images of the index. */
  readonly index: readonly string[];
  /** Names of the images that were searched for. */
  readonly images: readonly string[];
  /** Neighbours of each, the most alike first. */
  readonly neighbours: readonly (readonly Neighbour[])[];
  /** Images of the index that are almost the same. */
  readonly duplicates: readonly NearDuplicate[];
}

/**
 * Finds the nearest images of an index to each image of a folder, and near-duplicates within the index. An
 * image is never its own neighbour.
 *
 * @throws {UserError} where there is no image, or most are unreadable
 */
export async function searchFolder(
  { backbone }: OpenedStudent,
  { index: path, images, count, duplicatesFrom }: SearchRequest,
  options: FolderOptions = {},
): Promise<SearchResult> {
  const bank = await folderFeatures(backbone, path, options);
  const isSame = resolve(path) === resolve(images);
  const queries = isSame ? bank : await folderFeatures(backbone, images, options);
  const index = neighbourIndex(bank);
  return {
    index: bank.names,
    images: queries.names,
    neighbours: await nearestImages(index, queries, {
      count,
      isSelf: (query, image) => isSame && query === image,
    }),
    duplicates: await nearDuplicates(index, duplicatesFrom),
  };
}
