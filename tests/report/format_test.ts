import { assertEquals } from "@std/assert";
import {
  count,
  decimals,
  grouped,
  millions,
  percent,
  signed,
  significant,
} from "../../lib/report/format.ts";

Deno.test("numbers have three significant digits, four decimals at most", () => {
  assertEquals(
    [1234, 123.4, 12.34, 1.234, 0.1234, 0.01234, 0.001234, 0, -1.234, NaN, undefined].map(
      significant,
    ),
    ["1234", "123", "12.3", "1.23", "0.123", "0.0123", "0.0012", "0", "-1.23", "-", "-"],
  );
  assertEquals(millions(1_234_567), "1.23 M");
});

Deno.test("differences always have a sign, counts their plural", () => {
  assertEquals([1.25, -1.25, 0].map(signed), ["+1.3", "−1.3", "+0.0"]);
  assertEquals([0, 1, 2000].map((amount) => count(amount, "image")), [
    "0 images",
    "1 image",
    "2,000 images",
  ]);
  assertEquals([grouped(1234567), percent(0.125), percent(1)], ["1,234,567", "13 %", "100 %"]);
  assertEquals([decimals(1.25, 0), decimals(null, 1), decimals(undefined, 1, "?")], [
    "1",
    "-",
    "?",
  ]);
});
