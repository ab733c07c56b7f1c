import { assertEquals, assertThrows } from "@std/assert";
import { pruneSmallest } from "../../../lib/metrics/representation/magnitude_pruning.ts";

Deno.test("pruning takes the smallest, the first of equal ones first, and no other share", () => {
  assertEquals([...pruneSmallest(Float32Array.of(1, -1, 1, 5), 0.5)], [0, 0, 1, 5]);
  assertEquals([...pruneSmallest(Float32Array.of(1, -2), 0)], [1, -2]);
  assertEquals([...pruneSmallest(Float32Array.of(1, -2), 1)], [0, 0]);
  assertThrows(() => pruneSmallest(new Float32Array(2), 1.5), RangeError, "from 0 to 1");
});
