/** Measurements of parts, each in a file of its own, and the file of all of them. */
import { whileLocked } from "../io/file_lock.ts";
import type { Shard } from "../io/shard.ts";
import { appendLines, digestOf, readMeasurements } from "./measurement_cache.ts";

/** Where a part keeps its measurements until all are there: `measured.part-2-of-4.jsonl`. */
export function partPath(measured: string, { part, of }: Shard): string {
  return `${measured.replace(/\.jsonl$/, "")}.part-${part}-of-${of}.jsonl`;
}

/**
 * Says that a part has measured all of its pairs. The process that says it last brings all parts into the file of
 * measurements, in their order, as one process would have written it, and removes them.
 *
 * @param measured The file of measurements; the parts lie beside it.
 * @param request Everything that all parts are given alike, as JSON; parts of another request do not count.
 * @returns the parts that are still missing; none where the file holds all of them now.
 *
 * @example
 * ```ts
 * import { finishPart } from "./measured_parts.ts";
 * const folder = await Deno.makeTempDir();
 * const measured = `${folder}/measured.jsonl`;
 * const missing = await finishPart(measured, { part: 2, of: 2 }, ["pixels"]);
 * if (missing.join() !== "1") throw new Error("The other part is not there");
 * if ((await finishPart(measured, { part: 1, of: 2 }, ["pixels"])).length > 0) throw new Error("All are");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function finishPart(
  measured: string,
  shard: Shard,
  request: unknown,
): Promise<number[]> {
  const mark = JSON.stringify({ finished: digestOf(request) });
  const parts = Array.from({ length: shard.of }, (_, i) => i + 1);
  const pathOf = (part: number) => partPath(measured, { part, of: shard.of });
  return await whileLocked(measured, async () => {
    await appendLines(pathOf(shard.part), [mark]);
    const missing: number[] = [];
    for (const part of parts) if (!await hasLine(pathOf(part), mark)) missing.push(part);
    if (missing.length > 0) return missing;
    await merge(parts.map(pathOf), measured);
    for (const part of parts) await Deno.remove(pathOf(part));
    return [];
  });
}

/** Adds the measurements that the file has not; where a killed process had begun with it, what is left of them. */
async function merge(paths: readonly string[], measured: string): Promise<void> {
  const known = new Set((await readMeasurements(measured)).keys());
  for (const path of paths) {
    const fresh = [...await readMeasurements(path)].filter(([key]) => !known.has(key));
    if (fresh.length > 0) await appendLines(measured, fresh.map(([, { line }]) => line));
    for (const [key] of fresh) known.add(key);
  }
}

async function hasLine(path: string, line: string): Promise<boolean> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").includes(line);
}
