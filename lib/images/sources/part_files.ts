import type { Dataset, PassedFile } from "./dataset.ts";
import type { Part } from "./parts.ts";

/** The files of a part; names are relative to it. */
export interface PartFiles {
  /** The part as messages name it. */
  readonly description: string;
  readonly images: readonly { readonly file: number; readonly name: string }[];
  readonly passed: readonly PassedFile[];
  readonly folders: readonly string[];
}

/** The files of a part of a data set. */
export function filesOfPart(dataset: Dataset, { prefix, name }: Part): PartFiles {
  const within = <Item extends { readonly name: string }>(items: readonly Item[]) =>
    prefix === "" ? items : items.filter((item) => item.name.startsWith(prefix))
      .map((item) => ({ ...item, name: item.name.slice(prefix.length) }));
  return {
    description: dataset.source.description + (name === undefined ? "" : `, split "${name}"`),
    images: within(dataset.images),
    passed: within(dataset.passed),
    folders: dataset.folders.filter((folder) => folder.startsWith(prefix))
      .map((folder) => folder.slice(prefix.length)).filter((folder) => folder !== ""),
  };
}
