/**
 * Reads the header of a safetensors file and checks all of it before a number is read.
 *
 * @module
 */
import { z } from "zod";
import type { ByteSource } from "../byte_source.ts";
import { elementBytes, type ElementType } from "../element_types.ts";
import { elementCount } from "../host_tensor.ts";
import { quote, type Refuse } from "../refuse_reading.ts";
import { parseStrictJson } from "../strict_json.ts";

/** Element types that can be read, by the names of the format. */
export type SafetensorsType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "F8_E4M3"
  | "F8_E5M2"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** The element type of each, by PyTorch's name. */
export const elementTypeOf: Readonly<Record<SafetensorsType, ElementType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F8_E4M3: "float8_e4m3fn",
  F8_E5M2: "float8_e5m2",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
};

/** A tensor as the header lists it. */
interface SafetensorsEntry {
  /** Element type in the file. */
  readonly dtype: SafetensorsType;
  /** Empty for a single number. */
  readonly shape: readonly number[];
  /** Its first byte in the file. */
  readonly from: number;
  /** The byte after its last one. */
  readonly to: number;
}

/** Longest header that is accepted, in bytes: the limit of the format's reference reader. */
export const MAXIMUM_HEADER = 100_000_000;
const MAXIMUM_RANK = 64;

const count = z.number().int().nonnegative();
// Lengths are checked first: an error for each item of a long list would cost more than the list.
const shortList = z.custom<unknown[]>(
  (value) => Array.isArray(value) && value.length <= MAXIMUM_RANK,
  `expected a list of at most ${MAXIMUM_RANK} numbers`,
);
const entrySchema = z.strictObject({
  dtype: z.string().max(20),
  shape: shortList.pipe(z.array(count)),
  data_offsets: shortList.pipe(z.tuple([count, count])),
});

/**
 * Reads and checks the header.
 *
 * @returns Entries in the order of the header, and the metadata.
 * @throws {UserError} From `refuse`, where the header is malformed or not true of the file.
 */
export function readSafetensorsHeader(source: ByteSource, refuse: Refuse): {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const { header, start } = readJson(source, refuse);
  const entries = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") metadata = textsOf(value, refuse);
    else entries.set(name, entryOf(name, value, start, refuse));
  }
  checkOffsets(entries, start, source.size, refuse);
  return { entries, metadata };
}

function readJson(source: ByteSource, refuse: Refuse): { header: object; start: number } {
  if (source.size < 8) refuse(`${source.size} bytes, expected at least the 8 of a length`);
  const head = new Uint8Array(8);
  source.read(0, head);
  const length = new DataView(head.buffer).getBigUint64(0, true);
  if (length > MAXIMUM_HEADER) {
    refuse(`a header of ${length} bytes, expected at most ${MAXIMUM_HEADER}`);
  }
  const start = 8 + Number(length);
  if (start > source.size) refuse(`a header of ${length} bytes in ${source.size} bytes`);
  const json = new Uint8Array(start - 8);
  source.read(8, json);
  if (json[0] !== 0x7b) refuse("a header that does not begin with {");
  try {
    const header = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (typeof header === "object" && header !== null) return { header, start };
  } catch (error) {
    refuse(`a header that is not JSON (${error instanceof Error ? error.message : error})`);
  }
  return refuse("a header that is no JSON object");
}

function textsOf(value: unknown, refuse: Refuse): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("metadata that are no object, expected texts by name");
  }
  // Object.fromEntries keeps a text named __proto__, which assignment would lose.
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      if (typeof text === "string") return [name, text];
      return refuse(`metadata that are not texts (${quote(name)}), expected only strings`);
    }),
  );
}

function entryOf(name: string, value: unknown, start: number, refuse: Refuse): SafetensorsEntry {
  const entry = entrySchema.safeParse(value);
  if (!entry.success) {
    return refuse(
      `the tensor ${quote(name)} with ${z.prettifyError(entry.error).slice(0, 500)}`,
    );
  }
  const { dtype, shape, data_offsets: [from, to] } = entry.data;
  if (!isElementType(dtype)) {
    return refuse(
      `the tensor ${quote(name)} of the type ${quote(dtype)}, expected one of ` +
        Object.keys(elementTypeOf).join(", "),
      "Convert the weights to float32 or float16 in Python, and save them again",
    );
  }
  return { dtype, shape, from: start + from, to: start + to };
}

function isElementType(dtype: string): dtype is SafetensorsType {
  return Object.hasOwn(elementTypeOf, dtype);
}

/**
 * Checks that each tensor begins where the one before it ends, and the last one ends with the file.
 */
function checkOffsets(
  entries: ReadonlyMap<string, SafetensorsEntry>,
  start: number,
  size: number,
  refuse: Refuse,
): void {
  const placed = [...entries].sort(([, a], [, b]) => a.from - b.from || a.to - b.to);
  let end = start;
  for (const [name, { dtype, shape, from, to }] of placed) {
    if (from !== end) {
      refuse(`the tensor ${quote(name)} at byte ${from - start}, expected byte ${end - start}`);
    }
    const bytes = elementBytes[elementTypeOf[dtype]];
    const expected = bytes * elementCount(shape);
    if (to - from !== expected) {
      refuse(
        `${to - from} bytes for ${quote(name)}, expected ${expected} for ${dtype} [${shape}]`,
      );
    }
    end = to;
  }
  if (end !== size) refuse(`${size - start} bytes of numbers, expected ${end - start}`);
}
