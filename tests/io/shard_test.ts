/** Parts as they are written, and where they begin and end. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { blockOfShard, readShard } from "../../lib/io/shard.ts";

Deno.test("a part is written PART/PARTS", () => {
  assertEquals(readShard("3/16"), { part: 3, of: 16 });
  assertEquals(readShard("1/1"), { part: 1, of: 1 });
  for (const text of ["0/4", "5/4", "3", "x", "a/b", "1/0", "-1/2", "1/2/3", "1.5/2", "1/20000"]) {
    assertThrows(() => readShard(text), UserError, `Found the part ${text}, expected PART/PARTS`);
  }
});

Deno.test("consecutive parts hold everything once, and differ by one at most", () => {
  for (const [count, of] of [[11, 3], [7, 7], [100, 16], [5, 1], [2, 4]] as const) {
    const parts = Array.from({ length: of }, (_, i) => blockOfShard(count, { part: i + 1, of }));
    assertEquals(parts[0]?.from, 0);
    parts.forEach(({ to }, i) => assertEquals(to, parts[i + 1]?.from ?? count));
    const sizes = parts.map(({ from, to }) => to - from);
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
  }
});
