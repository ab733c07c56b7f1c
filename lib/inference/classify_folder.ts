/** Classes of all images of a folder, as a table. */
import { csvTable } from "../io/csv.ts";
import type { OpenedStudent } from "./open_student.ts";
import { folderFeatures } from "./folder_features.ts";
import type { FolderOptions } from "./folder_pack.ts";

/** A line of the table. */
export interface ClassifiedImage {
  /** Relative to the folder. */
  readonly image: string;
  /** Empty where the image is unreadable. */
  readonly class: string;
  /** Of the class; NaN where the image is unreadable. */
  readonly probability: number;
  /** Whether a person should decide. */
  readonly unsure: boolean;
  /** Why the image is unreadable; else empty. */
  readonly note: string;
}

/** The classes of a folder. */
export interface ClassifiedFolder {
  /** A line for each image, sorted by name. */
  readonly rows: readonly ClassifiedImage[];
  /** Where the images lie in folders that are called as the classes: how many, and how many are right. */
  readonly checked?: { readonly images: number; readonly right: number } | undefined;
}

/**
 * Classifies every image below a folder or in a zip.
 *
 * @throws {UserError} where the student has no head, there is no image, or most are unreadable
 */
export async function classifyFolder(
  student: OpenedStudent,
  path: string,
  options: FolderOptions = {},
): Promise<ClassifiedFolder> {
  const { names, features, unreadable } = await folderFeatures(student.backbone, path, options);
  const classified = await student.classifyFeatures(features);
  const rows: ClassifiedImage[] = classified.map((one, i) => ({
    image: names[i]!,
    class: one.class,
    probability: one.probability,
    unsure: one.unsure,
    note: "",
  }));
  const broken = unreadable.map(({ name, reason }): ClassifiedImage => ({
    ...{ image: name, class: "", probability: NaN, unsure: true, note: `unreadable: ${reason}` },
  }));
  const all = [...rows, ...broken].sort((a, b) => a.image < b.image ? -1 : 1);
  return { rows: all, checked: check(rows, student.classes ?? []) };
}

/** Compares classes with the folders of the images, where each lies in one of that name. */
function check(
  rows: readonly ClassifiedImage[],
  classes: readonly string[],
): ClassifiedFolder["checked"] {
  const folderOf = ({ image }: ClassifiedImage) =>
    image.split("/").slice(0, -1).findLast((folder) => classes.includes(folder));
  const folders = rows.map(folderOf);
  if (folders.some((folder) => folder === undefined)) return undefined;
  const right = rows.filter((row, i) => row.class === folders[i]).length;
  return { images: rows.length, right };
}

/** The table as CSV: `image,class,probability,unsure,note`. */
export function classifiedCsv(rows: readonly ClassifiedImage[]): string {
  return csvTable(
    ["image", "class", "probability", "unsure", "note"],
    rows.map(({ image, class: name, probability, unsure, note }) => [
      ...[image, name, Number.isNaN(probability) ? "" : probability.toFixed(4)],
      ...[unsure ? "unsure" : "", note],
    ]),
  );
}
