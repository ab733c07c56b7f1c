import { assertEquals } from "@std/assert";
import { evaluationCosts, sumOfTeachers } from "../../../lib/report/tables/cost_table.ts";

const row = (model: string, parameters: number) => ({
  model,
  parameters,
  gflop: 1,
  milliseconds: 2,
});

Deno.test("the sum is that of the teachers alone, and of two at least", () => {
  const costs = [row("student", 1), row("a", 10), row("b", 100), row("pixels", 1000)];
  const models = [["student", "student"], ["a", "teacher"], ["b", "teacher"], [
    "pixels",
    "baseline",
  ]] as const;
  const [last] = evaluationCosts({ costs, models }).slice(4);
  assertEquals(last, { model: "all 2 teachers", parameters: 110, gflop: 2, milliseconds: 4 });
  assertEquals(sumOfTeachers([row("a", 1)]), []);
});
