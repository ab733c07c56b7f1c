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

Deno.test("measurements that several processes add at the same time are all kept", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/measured.jsonl`;
    // Longer than what the system writes in one piece.
    const long = [{ ...rows[0], scores: Float64Array.from({ length: 20_000 }, Math.random) }];
    const caches = await Promise.all([1, 2, 3, 4].map(() => openMeasurementCache(path)));
    await Promise.all(caches.flatMap((cache, i) => [1, 2].map((j) => cache.add([i, j], long))));
    const read = await openMeasurementCache(path);
    for (const i of caches.keys()) {
      for (const j of [1, 2]) assertEquals(read.find([i, j]), long, `${i} ${j}`);
    }
  }));

Deno.test("measurements are found in further files, and kept in one's own only", () =>
  inTemporaryFolder(async (folder) => {
    const [path, other] = [`${folder}/part.jsonl`, `${folder}/measured.jsonl`];
    await (await openMeasurementCache(other)).add(["a"], rows);
    const before = await Deno.readTextFile(other);
    const cache = await openMeasurementCache(path, [other, `${folder}/absent.jsonl`]);
    assertEquals(cache.find(["a"]), [...rows]);
    await cache.add(["b"], rows);
    assertEquals(await Deno.readTextFile(other), before);
    assertEquals((await openMeasurementCache(path)).find(["a"]), undefined);
  }));
