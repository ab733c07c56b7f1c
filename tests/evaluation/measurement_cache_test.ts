import { assertEquals } from "@std/assert";
import { openMeasurementCache } from "../../lib/evaluation/measurement_cache.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const row = {
  ...{ model: "a", task: "digits", metric: "k-NN", value: 1, low: 0, high: 2 },
  ...{ images: 3, seconds: 4 },
};
const rows = [{ row, role: "teacher", scores: Float64Array.of(0.5, 1) }] as const;

Deno.test("measurements are found again by their key, also after a line that was cut off", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/run/measured.jsonl`;
    const first = await openMeasurementCache(path);
    assertEquals(first.find(["a", 1]), undefined);
    await first.add(["a", 1], rows);
    await Deno.writeTextFile(path, '{"key":"cut o', { append: true });
    const second = await openMeasurementCache(path);
    await second.add(["a", 2], rows);
    await second.add(["a", 3], rows);
    const third = await openMeasurementCache(path);
    for (const key of [1, 2, 3]) assertEquals(third.find(["a", key]), [...rows], `key ${key}`);
    assertEquals(third.find(["b", 1]), undefined);
  }));
