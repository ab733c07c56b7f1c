/** What was measured already, so that an evaluation that was stopped goes on where it was. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { z } from "zod";
import type { MeasuredRow } from "../metrics/comparison/verdict.ts";

const entrySchema = z.object({
  key: z.string(),
  rows: z.array(z.object({
    row: z.object({
      model: z.string(),
      task: z.string(),
      metric: z.string(),
      value: z.number(),
      low: z.number(),
      high: z.number(),
      images: z.number(),
      seconds: z.number(),
    }),
    role: z.enum(["student", "teacher", "baseline"]),
    scores: z.array(z.number()),
  })),
});

/** Measurements in a file that only ever grows. */
export interface MeasurementCache {
  /** What was measured under the very same circumstances. */
  find(circumstances: unknown): MeasuredRow[] | undefined;
  /** Keeps measurements, under everything that they depend on. */
  add(circumstances: unknown, rows: readonly MeasuredRow[]): Promise<void>;
}

/**
 * Opens a log of measurements, one JSON object to a line. A last line that a killed process left torn
 * is passed over, as is every line that is something else.
 *
 * @example
 * ```ts
 * import { openMeasurementCache } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * const log = await openMeasurementCache(`${folder}/measured.jsonl`);
 * await log.add({ model: "pixels" }, []);
 * const again = await openMeasurementCache(`${folder}/measured.jsonl`);
 * if (again.find({ model: "pixels" })?.length !== 0) throw new Error("Kept");
 * if (again.find({ model: "random" }) !== undefined) throw new Error("Another model");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openMeasurementCache(path: string): Promise<MeasurementCache> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const known = new Map(text.split("\n").flatMap(entryOf));
  await Deno.mkdir(dirname(path), { recursive: true });
  let torn = text !== "" && !text.endsWith("\n");
  return {
    find: (circumstances) => known.get(keyOf(circumstances)),
    async add(circumstances, rows) {
      const key = keyOf(circumstances);
      const kept = rows.map((one) => ({ ...one, scores: [...one.scores] }));
      const line = JSON.stringify({ key, rows: kept }) + "\n";
      await Deno.writeTextFile(path, (torn ? "\n" : "") + line, { append: true });
      torn = false;
      known.set(key, [...rows]);
    },
  };
}

function keyOf(circumstances: unknown): string {
  return createHash("sha256").update(JSON.stringify(circumstances)).digest("hex");
}

function entryOf(line: string): [string, MeasuredRow[]][] {
  try {
    const { key, rows } = entrySchema.parse(JSON.parse(line));
    return [[key, rows.map((one) => ({ ...one, scores: Float64Array.from(one.scores) }))]];
  } catch {
    return [];
  }
}
