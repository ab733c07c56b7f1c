import { assertEquals } from "@std/assert";
import { duration } from "../../lib/io/duration.ts";

Deno.test("durations are in two units, never below zero", () => {
  assertEquals(
    [-5, 59.4, 59.6, 3599, 7860, 90000, Infinity].map(duration),
    ["0 s", "59 s", "1 min 00 s", "59 min 59 s", "2 h 11 min", "25 h 00 min", "?"],
  );
});
