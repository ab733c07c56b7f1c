/** Checkpoints of any pickle, valid or not, in PyTorch's zip layout. */
import { assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { bytesSource } from "../../../lib/weights/byte_source.ts";
import { checkpointFrom } from "../../../lib/weights/checkpoint_file.ts";
import { encodeStoredZip } from "../../../lib/weights/stored_zip.ts";

/** Bytes of a text with one byte per letter. */
export function letters(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Joins arrays, one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A zip file of these entries. */
export function zipOf(entries: Record<string, Uint8Array | string>): Uint8Array<ArrayBuffer> {
  return joined(
    ...encodeStoredZip(
      Object.entries(entries).map(([name, content]) => ({
        name,
        bytes: typeof content === "string" ? letters(content) : content,
      })),
    ),
  );
}

/** A checkpoint of a pickle, to which beginning and end are added, and a storage of 24 bytes. */
export function torchFile(pickle: string): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  return zipOf({ "a/data.pkl": `\x80\x02${pickle}.`, "a/data/0": numbers });
}

/** A text of a pickle. */
export function text(content: string): string {
  return `X${String.fromCharCode(content.length)}\0\0\0${content}`;
}

/** A whole number of a pickle, from 0 to 255. */
export function small(value: number): string {
  return `K${String.fromCharCode(value)}`;
}

/** A tuple of a pickle. */
export function tuple(...values: readonly string[]): string {
  return `(${values.join("")}t`;
}

/** The storage of {@link torchFile}. */
export function storage({ type = "FloatStorage", key = "0", count = small(6), rest = "" } = {}) {
  return tuple(text("storage"), `ctorch\n${type}\n`, text(key), text("cpu"), count, rest) + "Q";
}

/** A tensor of that storage, `[2, 3]` by default. */
export function tensor(
  { from = storage(), offset = small(0), shape = tuple(small(2), small(3)), strides = "" } = {},
) {
  const steps = strides === "" ? tuple(small(3), small(1)) : strides;
  return "ctorch._utils\n_rebuild_tensor_v2\n" +
    tuple(from, offset, shape, steps, "\x89", "ccollections\nOrderedDict\n)R") + "R";
}

/** A dictionary of a pickle, with one item. */
export function dict(key: string, value: string): string {
  return `}${text(key)}${value}s`;
}

/** What is said of a file that is refused. */
export function refusalOf(bytes: Uint8Array): string {
  return assertThrows(() => checkpointFrom(bytesSource(bytes, '"a.pth"')), UserError).message;
}
