import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  groupParts,
  recordedSeconds,
  suiteParts,
} from "../../../../lib/cli/commands/repository/test_groups.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

Deno.test("every test file and every room is in one group", async () => {
  const parts = await suiteParts(root);
  const paths = groupParts(parts, { seconds: 30, characters: 5000 }).flat();
  assertEquals(paths.toSorted(), parts.map(({ path }) => path));
  assert(paths.includes("tests/cli/commands/repository/test_groups_test.ts"));
  assert(paths.includes("lib/method") && paths.includes("mod.ts"));
});

Deno.test("groups are within their seconds, but for a long file, and the longest come first", () => {
  const parts = [4, 3, 3, 11, 1, 9].map((seconds, i) => ({ path: `${i}`, seconds }));
  assertEquals(groupParts(parts, { seconds: 10, characters: 99 }), [
    ["3"],
    ["0", "1", "2"],
    ["4", "5"],
  ]);
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
  const parts = ["abc", "def", "ghi", long, "jkl"].map((path) => ({ path, seconds: 0 }));
  const most = { seconds: 10, characters: 8 };
  assertEquals(groupParts(parts, most), [["abc", "def"], ["ghi"], [long], ["jkl"]]);
  assertEquals(groupParts([], most), []);
});
