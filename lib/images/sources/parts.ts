/**
 * Parts of a data set: one that a user names, or train and test by the names of folders and tables.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import type { Dataset } from "./dataset.ts";
import { type LabelTable, type LabelTables, tableSplits } from "./label_table.ts";
import { quotedList } from "./names.ts";
import { findSplits, levelsBelow, passWrapping, type SplitKind, splitKind } from "./splits.ts";

/** Images of one folder and those below it. */
export interface Part {
  /** The folder: "" or ending in "/". */
  readonly prefix: string;
  /** What it is called, such as "train"; the whole set has no name. */
  readonly name?: string | undefined;
  /** What it is for. */
  readonly kind?: SplitKind | undefined;
  /** The table that gives its labels, where the table makes it a part. */
  readonly table?: LabelTable | undefined;
}

/** Images to learn from and images to measure on. */
export interface TaskParts {
  readonly train: Part;
  /** Without it, a share of `train` is held out. */
  readonly test?: Part | undefined;
}

/** How the folders of a data set are to be read. */
export interface Layout {
  /** The innermost folder that wraps everything: "" or ending in "/". */
  readonly root: string;
  /** Folders there, sorted. */
  readonly levels: readonly string[];
  /** Parts among them. */
  readonly splits: ReadonlyMap<SplitKind, string>;
}

/** Reads the folders of a data set: what wraps it, and its parts. */
export function layoutOf({ images, passed }: Dataset): Layout {
  // A folder of unreadable images may be a class, so it is no wrapping.
  const names = [...images, ...passed.filter(({ image }) => image)].map(({ name }) => name);
  const root = passWrapping("", names, { inner: false });
  const levels = levelsBelow(root, names);
  return { root, levels, splits: findSplits(levels) };
}

/**
 * The part that a user names: a folder, such as "images/train", or a kind, such as "val", which the
 * folder may spell otherwise ("Validation", "seg_val").
 *
 * @throws {UserError} Where there is no such part.
 */
export function namedPart(dataset: Dataset, split: string): Part {
  const { root, levels, splits } = layoutOf(dataset);
  const name = split.replaceAll("\\", "/").replace(/^(\.\/)+|\/+$/g, "").normalize("NFC");
  const kind = splitKind(name);
  const exact = levels.find((level) => level === name) ??
    (kind && (splits.get(kind) ?? levels.find((level) => splitKind(level) === kind))) ??
    levels.find((level) => level.toLowerCase() === name.toLowerCase());
  const candidates = [name, ...exact === undefined ? [] : [root + exact]];
  const names = [...dataset.images, ...dataset.passed].map((file) => file.name);
  const folder = candidates.find((folder) =>
    dataset.folders.includes(folder) || names.some((file) => file.startsWith(`${folder}/`))
  );
  if (folder !== undefined) return partAt(dataset, folder, kind ?? kindAmong(splits, exact));
  throw new UserError(
    `Cannot use the split "${split}" of the ${dataset.source.description}: found ` +
      `${quotedList(levels)} there. Choose one of these`,
  );
}

function kindAmong(splits: Layout["splits"], folder: string | undefined): SplitKind | undefined {
  return [...splits].find(([, name]) => name === folder)?.[0];
}

function partAt({ images }: Dataset, folder: string, kind: SplitKind | undefined): Part {
  const names = images.map(({ name }) => name);
  const prefix = passWrapping(`${folder}/`, names, { inner: true });
  return { prefix, name: folder, kind };
}

/**
 * The images to distil: those of the train part where there are parts, else all.
 *
 * @returns left: names of parts that are left for measuring.
 */
export function partToDistil(dataset: Dataset): { readonly part: Part; readonly left: string[] } {
  const { root, splits } = layoutOf(dataset);
  const train = splits.get("train");
  if (train === undefined) return { part: { prefix: root }, left: [] };
  const left = [...splits.values()].filter((name) => name !== train).map((name) => root + name);
  return { part: partAt(dataset, root + train, "train"), left };
}

/**
 * The whole of a set without parts.
 *
 * @throws {UserError} Where it has parts, or a folder that is named as one beside others.
 */
export function wholePart(dataset: Dataset): Part {
  const { root, levels, splits } = layoutOf(dataset);
  const parts = splits.size > 0 ? [...splits.values()] : levels.filter(looksLikePart);
  if (parts.length === 0) return { prefix: root };
  throw new UserError(
    `Cannot tell the classes of the ${dataset.source.description}: its folders ` +
      `${
        quotedList(parts.length < levels.length ? parts : levels)
      } look like splits, not classes. ` +
      `Name one as the split${
        parts.length < levels.length
          ? `, or rename what is none of them: beside ${parts.length === 1 ? "it" : "them"} lie ${
            quotedList(levels.filter((level) => !parts.includes(level)))
          }`
          : ""
      }`,
  );
}

/** A train may be a vehicle among others; "test" and "val" are no classes. */
function looksLikePart(level: string): boolean {
  const kind = splitKind(level);
  return kind !== undefined && level.toLowerCase() !== "train";
}

/**
 * Train and test of a set to measure on: the parts that a user names, else folders or tables called
 * train and test (or validation), else a column "split" of its table, else the whole.
 *
 * @throws {UserError} Where a named part is not there, or the parts cannot be told.
 */
export async function taskParts(
  dataset: Dataset,
  tables: LabelTables,
  named: readonly string[] = [],
): Promise<TaskParts> {
  const [train, test] = named;
  if (train !== undefined) {
    return {
      train: namedPart(dataset, train),
      test: test === undefined ? undefined : namedPart(dataset, test),
    };
  }
  const { root, splits } = layoutOf(dataset);
  if (splits.size > 0) {
    const part = (kind: SplitKind) =>
      splits.has(kind) ? partAt(dataset, root + splits.get(kind), kind) : undefined;
    const kinds = (["train", "validation", "test"] as const).filter((kind) => splits.has(kind));
    return { train: part(kinds[0]!)!, test: kinds.length < 2 ? undefined : part(kinds.at(-1)!) };
  }
  return await partsByTable(root, tables) ?? { train: wholePart(dataset) };
}

async function partsByTable(root: string, tables: LabelTables): Promise<TaskParts | undefined> {
  for (const prefix of new Set([root, ""])) {
    const found = await tables.inFolder(prefix);
    const named = tableSplits(found);
    const [table] = found;
    if (named.has("train")) return partsOf(named, root);
    if (found.length !== 1 || table === undefined) continue;
    const bySplit = Map.groupBy(table.rows, ({ split }) => split);
    const parts = new Map(
      [...bySplit].flatMap(([kind, rows]) =>
        kind === undefined ? [] : [[kind, { ...table, rows }] as const]
      ),
    );
    if (parts.has("train") && parts.size > 1) return partsOf(parts, root);
  }
  return undefined;
}

function partsOf(tables: ReadonlyMap<SplitKind, LabelTable>, prefix: string): TaskParts {
  const part = (kind: SplitKind): Part | undefined => {
    const table = tables.get(kind);
    return table && { prefix, name: kind, kind, table };
  };
  return { train: part("train")!, test: part("test") ?? part("validation") };
}
