import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { benchDrift } from "../../../lib/bench/drift/bench_drift.ts";
import { driftTable } from "../../../lib/bench/drift/drift_table.ts";
import { gradedDrifts } from "../../../lib/bench/drift/graded_drifts.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { fillValues } from "../../golden_values_fixture.ts";

await startEngine();

Deno.test("drifts change images more by higher grades, each image by itself", async () => {
  const side = 16, size = side * side * 3;
  const images = Uint8Array.from(fillValues(2 * size, 1, 100, 128));
  const [first] = [images.subarray(0, size)];
  for (const { name, grades, change } of gradedDrifts) {
    const distances: number[] = [];
    for (const grade of grades) {
      const changed = await change(images, side, grade, randomStream(0));
      assertEquals(changed.length, 2 * size, name);
      distances.push(changed.reduce((sum, value, i) => sum + Math.abs(value - images[i]!), 0));
      const alone = await change(first!, side, grade, randomStream(0));
      assertEquals([...changed.subarray(0, size)], [...alone], `${name} ${grade}`);
    }
    assertEquals(distances.toSorted((a, b) => a - b), distances, name);
    assert(distances[0]! > 0, name);
  }
});

Deno.test("a bench of a few draws counts alarms of every test and grade", async () => {
  const setting = { pool: 200, images: 40, draws: 4, powerDraws: 1, permutations: 79 };
  const result = await benchDrift(setting);
  assertEquals(result.power.length, 20);
  const strong = result.power.filter(({ drift, grade }) => drift === "noise" && grade === 16);
  assertEquals(strong[0]?.alarms.verdict, 1);
  assertEquals(result.stream.found.length, 15);
  assertStringIncludes(driftTable(result).join("\n"), "of 4 draws");
});
