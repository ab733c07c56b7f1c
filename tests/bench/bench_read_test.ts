import { assert, assertEquals, assertMatch } from "@std/assert";
import { benchRead, largeFile, readTable } from "../../lib/bench/bench_read.ts";

Deno.test("a small file is read tensor by tensor, and little more than the largest is held", async () => {
  const result = await benchRead({ sides: [2048, ...Array<number>(20).fill(1024)] });
  assertEquals(result.tensors, 21);
  assertEquals(result.largestBytes, 4 * 2048 ** 2);
  assertEquals(result.bytes, 4 * (2048 ** 2 + 20 * 1024 ** 2));
  // 101 MB are read; held are the largest 17 MB and what the process itself grows by meanwhile.
  assert(result.peakBytes - result.restBytes < 50e6, `${result.peakOverLargest} times the largest`);
  assert(result.peakBytes - result.restBytes > 15e6, "the peak is that of reading");
  assertMatch(readTable(result).join("\n"), /21 tensors, the largest of 17 MB/);
});

Deno.test("the large file has 1.2 GB", () => {
  const bytes = largeFile.sides.reduce((sum, side) => sum + 4 * side ** 2, 0);
  assertEquals((bytes / 1e9).toFixed(1), "1.2");
});
