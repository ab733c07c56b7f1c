import { assertEquals } from "@std/assert";
import { evaluationProgress } from "../../../lib/cli/commands/evaluation_progress.ts";

Deno.test("time left counts pairs that took time, not what was measured before", () => {
  const lines: string[] = [];
  let clock = 0;
  const report = evaluationProgress(5, (line) => lines.push(line), () => clock);
  const row = { metric: "k-NN accuracy", value: 50, low: 40, high: 60, images: 9, seconds: 1 };
  report({ ...row, model: "a", task: "x" });
  report({ ...row, model: "a", task: "y" }); // the pair before took no time
  clock = 10;
  report({ ...row, model: "a", task: "y", metric: "calibration error" });
  report({ ...row, model: "b", task: "x" });
  assertEquals(lines, [
    "a on x, k-NN accuracy: 50.0 % (1.0 s)",
    "a on y, k-NN accuracy: 50.0 % (1.0 s)",
    "a on y, calibration error: 50.0 % (1.0 s)",
    "2 of 5 done, 10 s gone, 30 s left",
    "b on x, k-NN accuracy: 50.0 % (1.0 s)",
  ]);
});
