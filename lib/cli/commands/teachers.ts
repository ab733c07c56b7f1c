/** `teachers`: the zoo as a table. */
import type { ZooEntry } from "../../teachers/zoo/manifest.ts";
import { zoo } from "../../teachers/zoo/entries.ts";
import { weightsPlace } from "../../teachers/zoo/fetched_weights.ts";
import { megabytes } from "../../io/terminal.ts";
import { UserError } from "../../errors/user_error.ts";
import { defineCommand } from "../command.ts";

/** What is printed of a teacher, and written under `--json`. */
interface Row {
  readonly name: string;
  readonly family: string;
  readonly width: number;
  /** Rows and columns of patch tokens for images of `inputSize`. */
  readonly grid: readonly [number, number];
  /** Height and width in pixels. */
  readonly inputSize: number;
  readonly tokens: readonly ["cls", "patch"];
  readonly parameters: number;
  readonly licence: string;
  /** Of all its files, in bytes. */
  readonly bytes: number;
  /** Whether its weights are on this machine; those of some are fetched on first use. */
  readonly isHere: boolean;
  readonly knows: string;
  readonly source: string;
}

const HEADINGS: readonly string[] = [
  "name",
  "family",
  "width",
  "grid",
  "input",
  "tokens",
  "parameters",
  "size",
  "licence",
  "what it knows",
];
/** Set to the right, so that their digits stand below one another. */
const NUMBERS = ["width", "input", "parameters", "size"];

/** The command; NAMES choose some of the teachers. */
export const teachers = defineCommand({
  name: "teachers",
  group: "use",
  summary: "Lists the pretrained networks that come with the package",
  example: "mobilenet_v2_imagenet --json",
  positionals: ["[NAME...]"],
  run: ({ positionals, say, emit }) => {
    const entries = choose(positionals), rows = entries.map(rowOf);
    for (const line of table(rows)) say(line);
    for (const line of entries.flatMap(noteOf)) say(line);
    emit(rows);
  },
});

function choose(names: readonly string[]): readonly ZooEntry[] {
  const known = zoo.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      `Found the unknown teacher ${unknown}, expected one of ${known.join(", ")}`,
    );
  }
  return names.length === 0 ? zoo : zoo.filter(({ name }) => names.includes(name));
}

function rowOf(entry: ZooEntry): Row {
  const { name, family, width, stride, input, parameters, licence, description, source } = entry;
  const side = Math.ceil(input.size / stride);
  return {
    name,
    family,
    width,
    grid: [side, side],
    inputSize: input.size,
    tokens: ["cls", "patch"],
    parameters,
    licence,
    bytes: entry.files.reduce((total, { bytes }) => total + bytes, entry.wheel?.file.bytes ?? 0),
    isHere: entry.wheel === undefined || weightsPlace(entry.wheel) !== "nowhere",
    knows: description,
    source,
  };
}

/** Where the weights of a teacher are that do not lie with the package. */
function noteOf({ name, wheel }: ZooEntry): string[] {
  if (wheel === undefined) return [];
  const place = {
    environment: "are in the folder that HASHIGO_WEIGHTS names",
    cache: "were fetched",
    nowhere: `are fetched on first use (${megabytes(wheel.bytes)})`,
  };
  return [`The weights of ${name} ${place[weightsPlace(wheel)]}.`];
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(rows: readonly Row[]): string[] {
  const lines = [HEADINGS];
  for (const row of rows) {
    lines.push([
      row.name,
      row.family,
      `${row.width}`,
      row.grid.join(" x "),
      `${row.inputSize} px`,
      row.tokens.join(" + "),
      `${(row.parameters / 1e6).toFixed(2)} M`,
      `${(row.bytes / 2 ** 20).toFixed(1)} MiB`,
      row.licence,
      row.knows,
    ]);
  }
  const widthOf = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  const pad = (cell: string, column: number) =>
    NUMBERS.includes(HEADINGS[column] ?? "")
      ? cell.padStart(widthOf(column))
      : cell.padEnd(widthOf(column));
  return lines.map((line) => line.map(pad).join("  ").trimEnd());
}
