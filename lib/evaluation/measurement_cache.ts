/** Measurements that are kept, so that an evaluation that was stopped continues where it was. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { z } from "zod";
import type { MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import { evaluationRowSchema, roleSchema } from "./row_schema.ts";

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
 * is passed over, as is every other line of another form.
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
export async function openMeasurementCache(path: string): Promise<MeasurementCache> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const entries = new Map(text.split("\n").flatMap(parseEntry));
  await Deno.mkdir(dirname(path), { recursive: true });
  let torn = text !== "" && !text.endsWith("\n");
  return {
    find: (key) => entries.get(digestOf(key)),
    async add(key, rows) {
      const digest = digestOf(key);
      const plain = rows.map((measured) => ({ ...measured, scores: [...measured.scores] }));
      const line = JSON.stringify({ key: digest, rows: plain }) + "\n";
      await Deno.writeTextFile(path, (torn ? "\n" : "") + line, { append: true });
      torn = false;
      entries.set(digest, [...rows]);
    },
  };
}

function digestOf(key: unknown): string {
  return createHash("sha256").update(JSON.stringify(key)).digest("hex");
}

function parseEntry(line: string): [key: string, rows: MeasuredRow[]][] {
  try {
    const { key, rows } = entrySchema.parse(JSON.parse(line));
    return [[
      key,
      rows.map((measured) => ({ ...measured, scores: Float64Array.from(measured.scores) })),
    ]];
  } catch {
    return [];
  }
}
