import { assertEquals } from "@std/assert";
import { paretoFront } from "../../../lib/metrics/costs/pareto.ts";

Deno.test("a choice is on the front unless another is at least as good in both and better in one", () => {
  const choices = [
    { cost: 1, value: 50 },
    { cost: 2, value: 50 }, // costs more for as much
    { cost: 2, value: 60 },
    { cost: 3, value: 55 }, // costs more for less
    { cost: 9, value: 61 },
    { cost: 9, value: 61 }, // equals hide none of each other
    { cost: 1, value: 49 }, // as cheap, and worth less
    { cost: 12, value: 61 }, // the best, for more than it takes
  ];
  assertEquals(paretoFront(choices), [true, false, true, false, true, true, false, false]);
  assertEquals(paretoFront([]), []);
});
