/** Measurements of parts, and how they come together. */
import { assertEquals } from "@std/assert";
import { finishPart, partPath } from "../../lib/evaluation/measured_parts.ts";
import { openMeasurementCache } from "../../lib/evaluation/measurement_cache.ts";
import type { MeasuredRow } from "../../lib/metrics/comparison/evaluation_row.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const row = {
  ...{ model: "a", task: "digits", metric: "k-NN", value: 1, low: 0, high: 2 },
  ...{ images: 2, seconds: 4 },
};
const rows = (model: string): MeasuredRow[] => [
  { row: { ...row, model }, role: "teacher", scores: Float64Array.of(0.5, 1) },
];
const request = [["a", "b", "c"], ["digits"]];

/** Measures models as a part does. */
async function measure(measured: string, part: number, models: readonly string[]): Promise<void> {
  const cache = await openMeasurementCache(partPath(measured, { part, of: 3 }), [measured]);
  for (const model of models) if (!cache.find(model)) await cache.add(model, rows(model));
}

const files = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

Deno.test("the last part brings all together, as one process would have written them", () =>
  inTemporaryFolder(async (folder) => {
    const whole = `${folder}/whole.jsonl`, measured = `${folder}/parts/measured.jsonl`;
    const one = await openMeasurementCache(whole);
    for (const model of ["a", "b", "c", "d"]) await one.add(model, rows(model));
    const missing: number[][] = [];
    for (const [part, models] of [[3, ["d"]], [1, ["a"]], [2, ["b", "c"]]] as const) {
      await measure(measured, part, models);
      missing.push(await finishPart(measured, { part, of: 3 }, request));
    }
    assertEquals(missing, [[1, 2], [2], []]);
    assertEquals(await files(`${folder}/parts`), ["measured.jsonl"]);
    assertEquals(await Deno.readTextFile(measured), await Deno.readTextFile(whole));
  }));

Deno.test("parts that finish at the same time come together once", () =>
  inTemporaryFolder(async (folder) => {
    const measured = `${folder}/measured.jsonl`;
    await Promise.all(["a", "b", "c"].map((model, i) => measure(measured, i + 1, [model])));
    const ends = await Promise.all(
      [1, 2, 3].map((part) => finishPart(measured, { part, of: 3 }, request)),
    );
    assertEquals(ends.map(({ length }) => length).sort(), [0, 1, 2]);
    assertEquals(await files(folder), ["measured.jsonl"]);
    assertEquals((await Deno.readTextFile(measured)).trim().split("\n").length, 3);
  }));

Deno.test("a part of another request, or one that was left half-way, is still missing", () =>
  inTemporaryFolder(async (folder) => {
    const measured = `${folder}/measured.jsonl`;
    const finish = (part: number, asked: unknown) => finishPart(measured, { part, of: 3 }, asked);
    await measure(measured, 1, ["a"]);
    await finish(1, "another");
    await measure(measured, 2, ["b"]);
    assertEquals(await finish(3, request), [1, 2]);
    assertEquals(await finish(1, request), [2]);
    assertEquals(await finish(2, request), []);
  }));

Deno.test("what was measured before is not measured by a part, and nothing stands there twice", () =>
  inTemporaryFolder(async (folder) => {
    const measured = `${folder}/measured.jsonl`;
    await (await openMeasurementCache(measured)).add("a", rows("a"));
    for (const [part, models] of [[1, ["a"]], [2, ["b", "b"]], [3, ["c"]]] as const) {
      await measure(measured, part, models);
    }
    // A process that was killed while it brought them together had added one of them.
    const [line = ""] = (await Deno.readTextFile(partPath(measured, { part: 3, of: 3 }))).split(
      "\n",
    );
    await Deno.writeTextFile(measured, `${line}\n{"key":"cut o`, { append: true });
    for (const part of [1, 2, 3]) await finishPart(measured, { part, of: 3 }, request);
    const cache = await openMeasurementCache(measured);
    for (const model of ["a", "b", "c"]) assertEquals(cache.find(model), rows(model));
    const lines = (await Deno.readTextFile(measured)).trim().split("\n");
    assertEquals(lines.filter((line) => line.endsWith("}")).length, 3);
  }));
