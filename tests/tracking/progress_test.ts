import { assertEquals, assertLessOrEqual } from "@std/assert";
import { showProgress } from "../../lib/tracking/progress.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";

const report = (step: number): StepReport => ({
  step,
  steps: 9,
  epoch: 1,
  images: step,
  loss: 1,
  losses: {},
  shares: { a: 0.5, b: 0.5 },
  learningRate: 1,
  gradientNorm: 1,
  standardizerWeight: 1,
  imagesPerSecond: 10,
  waitingShare: 0,
  seconds: 1,
  secondsLeft: 1,
});

/** What a terminal of so many columns gets. */
function recorder(columns: number, isTerminal = true) {
  const written: string[] = [];
  const output = {
    write: (text: string) => void written.push(text),
    isTerminal,
    columns: () => columns,
  };
  return { progress: showProgress({ output, now: () => 0 }), written };
}

Deno.test("a live line leaves the last column of the terminal free", () => {
  for (let columns = 5; columns < 120; columns += 7) {
    const { progress, written } = recorder(columns);
    progress.report(report(1));
    assertLessOrEqual(written[0]!.replace("\r\x1b[K", "").length, columns - 1);
  }
});

Deno.test("the last step is shown at once, whenever the one before it was", () => {
  for (const isTerminal of [true, false]) {
    const { progress, written } = recorder(200, isTerminal);
    for (const step of [1, 2, 8, 9]) progress.report(report(step));
    assertEquals(written.join("").match(/step \d/g), ["step 1", "step 9"]);
  }
});
