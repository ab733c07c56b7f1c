import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import { imageEndings, unreadableImageEndings } from "../codec/image_formats.ts";
import { findMasks } from "./mask_names.ts";
import { compareNames, endingOf, isHidden } from "./names.ts";
import type { SourceFiles } from "../source_files.ts";

/** A file of a folder or zip. */
export interface DatasetFile {
  /** Position in the files of the source. */
  readonly file: number;
  /** Relative to the source, such as "train/cat/001.png". */
  readonly name: string;
}

/** A file that is passed over. */
export interface PassedFile {
  /** Relative to the source. */
  readonly name: string;
  /** What it is: a format, such as "JPEG XL", an ending, such as ".txt", or "empty" or "mask". */
  readonly kind: string;
  /** Whether it is an image by its name. */
  readonly image: boolean;
}

/** The images of a folder or zip, whatever its folders mean. */
export interface Dataset {
  /** Where they lie. */
  readonly source: SourceFiles;
  /** Sorted by name. */
  readonly images: readonly DatasetFile[];
  /** Visible folders, empty ones included. */
  readonly folders: readonly string[];
  /** Files that may hold labels: CSV, TSV and JSON lines. */
  readonly tables: readonly DatasetFile[];
  /** All other files but the systems' own and hidden ones. */
  readonly passed: readonly PassedFile[];
}

/**
 * Lists the images of a folder or zip by their names, for distilling, measuring and features alike.
 * Hidden files are left out, and what else is no image is listed as passed over.
 *
 * @throws {UserError} Where there is no image, or two have the same name.
 *
 * @example
 * ```ts
 * import { listDataset, openSourceFiles } from "@hashigo/hashigo/images";
 * const folder = await Deno.makeTempDir();
 * for (const name of ["b.png", "a.jpg", "notes.txt"]) await Deno.writeTextFile(`${folder}/${name}`, "-");
 * const { images, passed } = listDataset(await openSourceFiles(folder));
 * if (images.map(({ name }) => name).join() !== "a.jpg,b.png") throw new Error("Expected two");
 * if (passed[0]?.kind !== ".txt") throw new Error("Expected the notes");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function listDataset(source: SourceFiles): Dataset {
  const candidates: DatasetFile[] = [];
  const tables: DatasetFile[] = [];
  const passed: PassedFile[] = [];
  source.files.forEach(({ name, size }, file) => {
    const ending = endingOf(name);
    const readable = imageEndings.has(ending);
    const image = readable || unreadableImageEndings.has(ending);
    if (name.split("/").some(isHidden)) {
      if (image) passed.push({ name, kind: "hidden", image: false });
    } else if (image && size === 0) passed.push({ name, kind: "empty", image });
    else if (readable) candidates.push({ file, name });
    else {
      if (/^(csv|tsv|jsonl)$/.test(ending)) tables.push({ file, name });
      passed.push({ name, kind: unreadableImageEndings.get(ending) ?? kindOf(ending), image });
    }
  });
  const masks = findMasks(candidates.map(({ name }) => name));
  const images = candidates.filter((_, i) => !masks[i])
    .sort((a, b) => compareNames(a.name, b.name));
  candidates.forEach(({ name }, i) => {
    if (masks[i]) passed.push({ name, kind: "mask", image: false });
  });
  const twice = images.find(({ name }, i) => name === images[i - 1]?.name);
  if (twice !== undefined) throw nameTwice(source, twice.name);
  if (images.length === 0) throw noImages(source, passed);
  const folders = source.folders.filter((name) => !name.split("/").some(isHidden));
  return { source, images, folders, tables, passed };
}

function kindOf(ending: string): string {
  return ending === "" ? "without ending" : `.${ending.slice(0, 12)}`;
}

/** How many files of each kind there are, as "JPEG XL 2, empty 1": the most first, all but six summed. */
export function countKinds(passed: readonly PassedFile[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of passed) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || compareNames(a, b));
  const rest = sorted.slice(6).reduce((sum, [, count]) => sum + count, 0);
  return [...sorted.slice(0, 6), ...rest > 0 ? [["others", rest]] : []]
    .map(([kind, count]) => `${kind} ${count!.toLocaleString("en")}`).join(", ");
}

/** Endings of images in words: ".jpg, .png or .webp". */
export function expectedEndings(): string {
  const endings = [...imageEndings].map((ending) => `.${ending}`);
  return `${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}`;
}

function nameTwice({ description }: SourceFiles, name: string): UserError {
  return new UserError(
    `Cannot use the ${description}: it holds ${
      quote(name)
    } twice, perhaps once with "./" or "\\" in ` +
      "its name, or in another Unicode form. Expected each name once. Remove one of the two",
  );
}

function noImages({ description }: SourceFiles, passed: readonly PassedFile[]): UserError {
  const found = passed.length === 0 ? "" : ` (${countKinds(passed)})`;
  return new UserError(
    `Cannot find images in the ${description}: found ${passed.length} files, none with a name in ` +
      `${expectedEndings()} that can be read${found}. Expected CLASS/NAME.png, or ` +
      "SPLIT/CLASS/NAME.png, or images without folders. Check the path, or convert the images",
  );
}
