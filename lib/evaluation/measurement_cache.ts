/** Measurements that are kept, so that an evaluation that was stopped continues where it was. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { z } from "zod";
import { lockFile } from "../io/file_lock.ts";
import { append, readAt } from "../io/positioned_file.ts";
import type { MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import { evaluationRowSchema, roleSchema } from "./row_schema.ts";

const lineFeed = 10;

const entrySchema = z.object({
  key: z.string(),
  rows: z.array(z.object({
    row: evaluationRowSchema,
    role: roleSchema,
    scores: z.array(z.number()),
  })),
});

/** Measurements in a file that only ever grows. */
export interface MeasurementCache {
  /** The rows that were added under an equal key, if any. */
  find(key: unknown): MeasuredRow[] | undefined;
  /** Keeps rows under everything that they depend on, which must be JSON. */
  add(key: unknown, rows: readonly MeasuredRow[]): Promise<void>;
}

/**
 * Opens a file of measurements, one JSON object to a line. A last line that a killed process left torn
 * is passed over, as is every other line of another form. Several processes may add to one file at the same time; each
 * finds what was there when it opened the file, and what it added itself.
 *
 * @param beside Further files of measurements, in which they are found too. Default: none.
 *
 * @example
 * ```ts
 * import { openMeasurementCache } from "./measurement_cache.ts";
 * const folder = await Deno.makeTempDir();
 * const cache = await openMeasurementCache(`${folder}/measured.jsonl`);
 * await cache.add({ model: "pixels" }, []);
 * const again = await openMeasurementCache(`${folder}/measured.jsonl`);
 * if (again.find({ model: "pixels" })?.length !== 0) throw new Error("Kept");
 * if (again.find({ model: "random" }) !== undefined) throw new Error("Another model");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openMeasurementCache(
  path: string,
  beside: readonly string[] = [],
): Promise<MeasurementCache> {
  const entries = new Map<string, MeasuredRow[]>();
  for (const one of [...beside, path]) {
    for (const [key, { rows }] of await readMeasurements(one)) entries.set(key, rows);
  }
  await Deno.mkdir(dirname(path), { recursive: true });
  return {
    find: (key) => entries.get(digestOf(key)),
    async add(key, rows) {
      const digest = digestOf(key);
      const plain = rows.map((measured) => ({ ...measured, scores: [...measured.scores] }));
      await appendLines(path, [JSON.stringify({ key: digest, rows: plain })]);
      entries.set(digest, [...rows]);
    },
  };
}

/** Rows by the digest of their key, each with the line that holds them; none where there is no file. */
export async function readMeasurements(
  path: string,
): Promise<Map<string, { readonly line: string; readonly rows: MeasuredRow[] }>> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return new Map(text.split("\n").flatMap(parseEntry));
}

/** Adds whole lines to a file, also where other processes add to it, and after a line that was cut off. */
export async function appendLines(path: string, lines: readonly string[]): Promise<void> {
  using file = await lockFile(path);
  const { size } = await file.stat(), last = new Uint8Array(1);
  const isTorn = size > 0 && readAt(file, size - 1, last) === 1 && last[0] !== lineFeed;
  await file.seek(0, Deno.SeekMode.End);
  const text = (isTorn ? "\n" : "") + lines.map((line) => line + "\n").join("");
  await append(file, new TextEncoder().encode(text));
  await file.sync();
}

/** Digest of JSON. */
export function digestOf(key: unknown): string {
  return createHash("sha256").update(JSON.stringify(key)).digest("hex");
}

function parseEntry(
  line: string,
): [key: string, entry: { readonly line: string; readonly rows: MeasuredRow[] }][] {
  try {
    const { key, rows: plain } = entrySchema.parse(JSON.parse(line));
    const rows = plain.map((one) => ({ ...one, scores: Float64Array.from(one.scores) }));
    return [[key, { line, rows }]];
  } catch {
    return [];
  }
}
