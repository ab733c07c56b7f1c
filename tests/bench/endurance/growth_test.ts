/** Growth of memory, by which `soak` fails. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { growth } from "../../../lib/bench/endurance/growth.ts";

Deno.test("the first three tenths are left out, and single leaps are not growth", () => {
  const flat = Array.from({ length: 200 }, (_, i) => i < 60 ? 1 + i : i === 150 ? 900 : 100);
  assertEquals(growth(flat), { early: 100, late: 100, percent: 0 });
});

Deno.test("a leak shows as percent of the fourth tenth", () => {
  const leaking = Array.from({ length: 1000 }, (_, i) => 1000 + i);
  assertAlmostEquals(growth(leaking).percent, 100 * 600 / 1349.5, 1e-9);
});
