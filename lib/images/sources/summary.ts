/**
 * The one line that says what was read of an image set.
 *
 * @module
 */
import { countKinds, type Dataset, type PassedFile } from "./dataset.ts";

/** What the line is about. */
export interface ReadImages {
  /** Names relative to the source. */
  readonly names: readonly string[];
  /** Files that were passed over among them. */
  readonly passed: readonly PassedFile[];
  /** More to say, each a few words. */
  readonly remarks?: readonly string[] | undefined;
}

/**
 * What was read, in one line: "2,050 images in 12 folders; skipped 3: JPEG XL 2, empty 1".
 *
 * @example
 * ```ts
 * import { describeRead } from "./summary.ts";
 * const passed = [{ name: "c.jxl", kind: "JPEG XL", image: true }];
 * const line = describeRead({ names: ["a/1.png", "a/2.png", "b/3.png"], passed });
 * if (line !== "3 images in 2 folders; skipped 1: JPEG XL 1") throw new Error(line);
 * ```
 */
export function describeRead({ names, passed, remarks = [] }: ReadImages): string {
  const folders = new Set<string>();
  for (const name of names) {
    if (name.includes("/")) folders.add(name.slice(0, name.lastIndexOf("/")));
  }
  const place = folders.size === 0 ? "" : ` in ${plural(folders.size, "folder")}`;
  return [
    plural(names.length, "image") + place,
    ...remarks,
    ...passed.length === 0
      ? []
      : [`skipped ${passed.length.toLocaleString("en")}: ${countKinds(passed)}`],
  ].join("; ");
}

/** What was read of a whole set, whatever its folders mean. */
export function describeDataset({ images, passed, source }: Dataset): string {
  const names = images.map(({ name }) => name);
  return describeRead({ names, passed, remarks: source.remarks });
}

/** Folders that differ only in case or in spaces, in words; empty where there are none. */
export function similarNames(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  const remarks: string[] = [];
  for (const name of names) {
    const key = name.trim().toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) remarks.push(`"${other}" and "${name}" differ only in case or spaces`);
    else seen.set(key, name);
  }
  return remarks.slice(0, 3);
}

/** A number with its noun: "1 image", "2,050 images". */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
