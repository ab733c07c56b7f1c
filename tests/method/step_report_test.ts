import { assertEquals } from "@std/assert";
import { readReport } from "../../lib/method/step.ts";

const grid = [1, 1] as const;

Deno.test("the numbers of a report come under their names", () => {
  const teachers = [
    { name: "a", width: 1, tokens: ["cls", "patch"], grid },
    { name: "b", width: 1, tokens: ["patch"], grid },
  ] as const;
  // The loss; CLS and patches of a, then of b; their totals; their shares; the norm.
  const values = [1, 2, 3, 0, 4, 5, 6, 0.25, 0.75, 7];
  assertEquals(readReport(values, teachers), {
    loss: 1,
    losses: { a: { cls: 2, patch: 3, total: 5 }, b: { patch: 4, total: 6 } },
    shares: { a: 0.25, b: 0.75 },
    gradientNorm: 7,
  });
});
