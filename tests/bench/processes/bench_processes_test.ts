import { assert, assertEquals } from "@std/assert";
import {
  benchProcesses,
  processesSetting,
  processesTable,
} from "../../../lib/bench/processes/bench_processes.ts";

Deno.test("a small setting is timed with one process and two, which come to the same losses", async () => {
  const setting = { ...processesSetting, width: 64, depth: 1, batch: 8, steps: 4, numbers: 1000 };
  const result = await benchProcesses(setting, { repeats: 1, onProgress: () => {} });
  assertEquals(result.rows.map(({ processes }) => processes), [1, 2]);
  for (const { secondsPerStep, imagesPerSecond, lossDifference } of result.rows) {
    assert(Math.abs(secondsPerStep * imagesPerSecond - 8) < 1e-9);
    assert(lossDifference < 1e-4, `losses are ${lossDifference} apart`);
  }
  assertEquals(result.rows[0]!.lossDifference, 0);
  assert(result.rows[1]!.lossDifference > 0, "two processes sum as one does");
  assert(result.sumMilliseconds > 0);
  assert(processesTable(result).join("\n").includes("a sum of 0 MB over two processes"));
});
