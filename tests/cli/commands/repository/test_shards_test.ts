import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  balanceShards,
  recordedSeconds,
  splitByLength,
  suiteParts,
} from "../../../../lib/cli/commands/repository/test_shards.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

Deno.test("every test file and every room is in one shard", async () => {
  const parts = await suiteParts(root);
  const shards = balanceShards(parts, 2);
  assertEquals(shards.flat().sort(), parts.map(({ path }) => path));
  assertEquals(new Set(shards.flat()).size, parts.length);
  assert(shards.flat().includes("tests/cli/commands/repository/test_shards_test.ts"));
  assert(shards.flat().includes("lib/method") && shards.flat().includes("mod.ts"));
});

Deno.test("shards have about the same to do, and their files are in order", () => {
  const parts = [10, 7, 5, 4, 3, 1].map((seconds, i) => ({ path: `${i}`, seconds }));
  assertEquals(balanceShards(parts, 2), [["0", "3", "5"], ["1", "2", "4"]]);
});

Deno.test("seconds are recorded by file, and of examples by room", () => {
  const output = `running 2 tests from ./tests/nn/mlp_test.ts
one ... ok (1m5s)
two ... ok (1500ms)
running 1 test from ./lib/nn/mlp.ts#5-9.ts
file:///a/lib/nn/mlp.ts#5-9.ts ... ok (3s)
running 1 test from ./tests/nn/gelu_test.ts
quick ... ok (900µs)`;
  assertEquals(recordedSeconds(output), { "lib/nn": 4, "tests/nn/mlp_test.ts": 67 });
});

Deno.test("command lines are no longer than they may be, but for a path that is", () => {
  const long = "x".repeat(12);
  assertEquals(splitByLength(["abc", "def", "ghi", long, "jkl"], 8), [
    ["abc", "def"],
    ["ghi"],
    [long],
    ["jkl"],
  ]);
  assertEquals(splitByLength([], 8), []);
});
