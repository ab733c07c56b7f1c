/**
 * Tables that give images their labels: CSV with a header such as `image,label`, and `metadata.csv`
 * or `metadata.jsonl` as on the Hugging Face Hub.
 *
 * @source https://huggingface.co/docs/datasets/image_dataset, "ImageFolder" with metadata.
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { csvLines } from "../../io/csv.ts";
import type { Dataset, DatasetFile } from "./dataset.ts";
import { endingOf, normalName } from "./names.ts";
import { findSplits, type SplitKind, splitKind } from "./splits.ts";

/** A row of a table. */
export interface LabelRow {
  /** The image as the table names it. */
  readonly image: string;
  /** Empty where it has none. */
  readonly label: string;
  /** The part that the row says it belongs to. */
  readonly split?: SplitKind | undefined;
}

/** A table of labels. */
export interface LabelTable extends DatasetFile {
  readonly rows: readonly LabelRow[];
}

/** Bytes of a table, and cells in it, at most. */
const maximumBytes = 64 * 2 ** 20, maximumCells = 10_000_000;
/** More tables than this in one folder belong to single images. */
const mostTables = 20;

const columns = {
  image:
    /^(image|images|img|file|filename|file_?path|path|name|id|(image|img|file)_?(name|path|id|file))$/,
  label: /^(label|labels|class|classes|class_?name|category|target|label_?name|class_?label)$/,
  split: /^(split|subset|set|partition|fold)$/,
};

/** Reads the tables of a data set, each once. */
export interface LabelTables {
  /** Tables in this folder (`""` or ending in "/") that give labels; only `metadata.*` if there is one. */
  inFolder(prefix: string): Promise<readonly LabelTable[]>;
  /** Tables for the images below this folder: there, else in the nearest folder above that has any. */
  above(prefix: string): Promise<readonly LabelTable[]>;
}

/** Opens the tables of a data set; none is read yet. */
export function labelTables(dataset: Dataset): LabelTables {
  const cache = new Map<string, Promise<readonly LabelTable[]>>();
  const inFolder = (prefix: string) => {
    const tables = cache.get(prefix) ?? readTables(dataset, prefix);
    cache.set(prefix, tables);
    return tables;
  };
  return {
    inFolder,
    above: async (prefix) => {
      for (let folder = prefix;; folder = folder.replace(/[^/]*\/$/, "")) {
        const tables = await inFolder(folder);
        if (tables.length > 0 || folder === "") return tables;
      }
    },
  };
}

/** The part that the name of a table says it is of: `train.csv` beside `test.csv`. */
export function tableSplits(tables: readonly LabelTable[]): ReadonlyMap<SplitKind, LabelTable> {
  const byStem = new Map(tables.map((table) => [stemOf(table), table]));
  return new Map(
    [...findSplits([...byStem.keys()])].map(([kind, stem]) => [kind, byStem.get(stem)!]),
  );
}

function stemOf({ name }: LabelTable): string {
  return name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
}

async function readTables(dataset: Dataset, prefix: string): Promise<readonly LabelTable[]> {
  const here = dataset.tables.filter(({ name }) =>
    name.startsWith(prefix) && !name.includes("/", prefix.length)
  );
  const metadata = here.filter(({ name }) => /(^|\/)metadata\.(csv|jsonl)$/i.test(name));
  const candidates = metadata.length > 0 ? metadata.slice(0, 1) : here;
  if (candidates.length > mostTables) return [];
  const tables: LabelTable[] = [];
  for (const { file, name } of candidates) {
    const rows = await readTable(dataset, { file, name });
    if (rows !== undefined) tables.push({ file, name, rows });
  }
  return tables;
}

/** The rows of a table; undefined where it has no columns of images and labels. */
async function readTable(
  { source }: Dataset,
  { file, name }: DatasetFile,
): Promise<LabelRow[] | undefined> {
  const refuse = (found: string) =>
    new UserError(
      `Cannot read the labels "${name}" in the ${source.description}: ${found}. Expected a table in ` +
        "UTF-8 with columns image and label, or a JSON object with file_name and label in each line. " +
        "Correct the file, or move it away",
    );
  const { size } = source.files[file]!;
  if (size > maximumBytes) throw refuse(`it has ${size} bytes, more than ${maximumBytes}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await source.read(file));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refuse("its text is not UTF-8, as spreadsheets save it by default");
  }
  return endingOf(name) === "jsonl" ? rowsOfJson(text, refuse) : rowsOfCsv(text, refuse);
}

function rowsOfCsv(text: string, refuse: (found: string) => UserError): LabelRow[] | undefined {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const counts = [",", ";", "\t"].map((delimiter) => head.split(delimiter).length);
  const delimiter = [",", ";", "\t"][counts.indexOf(Math.max(...counts))]!;
  const keys = head.split(delimiter).map((cell) => keyOf(cell.replaceAll('"', "")));
  const places = placesOf(keys);
  if (places === undefined) return undefined; // other tables are none of our business
  const [, ...lines] = csvLines(text, { most: maximumCells, delimiter, refuse });
  return lines.map((cells, line) => {
    if (cells.length < Math.max(places.image, places.label) + 1) {
      throw refuse(`line ${line + 2} has ${cells.length} cells, expected ${keys.length}`);
    }
    return rowOf((key) => places[key] === -1 ? "" : cells[places[key]]!);
  });
}

function rowsOfJson(text: string, refuse: (found: string) => UserError): LabelRow[] | undefined {
  const rows: LabelRow[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      throw refuse(`line ${i + 1} is no JSON`);
    }
    if (typeof row !== "object" || row === null) throw refuse(`line ${i + 1} is no object`);
    const cells = Object.entries(row);
    const places = placesOf(cells.map(([key]) => keyOf(key)));
    if (places === undefined) {
      if (rows.length === 0) return undefined;
      throw refuse(`line ${i + 1} has no label`);
    }
    rows.push(rowOf((key) => {
      const value = places[key] === -1 ? "" : cells[places[key]]![1];
      if (value === null) return "";
      if (!["string", "number", "boolean"].includes(typeof value)) {
        throw refuse(`in line ${i + 1}, "${cells[places[key]]![0]}" is no single label`);
      }
      return String(value);
    }));
  }
  return rows;
}

type Column = keyof typeof columns;

function rowOf(cell: (column: Column) => string): LabelRow {
  return {
    image: normalName(cell("image").trim().replaceAll("\\", "/")),
    label: cell("label").trim().normalize("NFC"),
    split: splitKind(cell("split").trim()),
  };
}

function keyOf(cell: string): string {
  return cell.replace(/^\ufeff/, "").trim().toLowerCase().replaceAll(/[\s-]+/g, "_");
}

/** Where the columns are; undefined without images or labels. The first that fits counts. */
function placesOf(keys: readonly string[]): Readonly<Record<Column, number>> | undefined {
  const image = keys.findIndex((key) => columns.image.test(key));
  const label = keys.findIndex((key, i) => i !== image && columns.label.test(key));
  const split = keys.findIndex((key) => columns.split.test(key));
  return image === -1 || label === -1 ? undefined : { image, label, split };
}
