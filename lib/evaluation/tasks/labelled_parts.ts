/** Labelled images of the parts of a task, listed once and not yet decoded. */
import { type Dataset, listDataset } from "../../images/sources/dataset.ts";
import { type LabelTables, labelTables } from "../../images/sources/label_table.ts";
import { labelledImages } from "../../images/sources/labelled_images.ts";
import type { LabelledImages } from "../../images/sources/labels.ts";
import { namedPart, type Part, taskParts, wholePart } from "../../images/sources/parts.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import type { SourceFiles } from "../../images/source_files.ts";
import type { ClassificationManifest, TaskPart } from "./manifest.ts";

/** Labelled images of one part. */
export interface LabelledPart {
  /** What lines call it. */
  readonly name: string;
  /** Where they lie; closed after packing. */
  readonly files: SourceFiles;
  readonly labelled: LabelledImages;
}

/** The two parts of a set; without a test part, the seed draws one. */
export interface TaskParts {
  readonly train: LabelledPart;
  readonly test?: LabelledPart | undefined;
  /** Closes their files. */
  close(): void;
}

/**
 * Lists the parts of a manifest, or of the folder or zip at a path.
 *
 * @param split names of the parts, instead of train and test.
 */
export async function openParts(
  path: string,
  manifest: ClassificationManifest | undefined,
  split: readonly string[] | undefined,
): Promise<TaskParts> {
  const opened = new Map<string, { dataset: Dataset; tables: LabelTables }>();
  const open = async (path: string) => {
    const known = opened.get(path);
    if (known !== undefined) return known;
    const files = await openSourceFiles(path);
    try {
      const dataset = listDataset(files);
      const set = { dataset, tables: labelTables(dataset) };
      opened.set(path, set);
      return set;
    } catch (error) {
      files.close();
      throw error;
    }
  };
  const close = () => opened.forEach(({ dataset }) => dataset.source.close());
  try {
    if (manifest === undefined) {
      const set = await open(path);
      const { train, test } = await taskParts(set.dataset, set.tables, split);
      return {
        train: await label(set, train, "train"),
        test: test && await label(set, test, "test"),
        close,
      };
    }
    const part = async ({ path, folder }: TaskPart, name: string) => {
      const set = await open(path);
      const { dataset } = set;
      return label(
        set,
        folder === undefined ? wholePart(dataset) : namedPart(dataset, folder),
        name,
      );
    };
    const { train, test } = manifest;
    return { train: await part(train, "train"), test: test && await part(test, "test"), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function label(
  { dataset, tables }: { readonly dataset: Dataset; readonly tables: LabelTables },
  part: Part,
  name: string,
): Promise<LabelledPart> {
  const labelled = await labelledImages(dataset, part, tables);
  return { name: part.name ?? name, files: dataset.source, labelled };
}
