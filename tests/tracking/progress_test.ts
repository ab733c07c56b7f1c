import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { plainLine, progressBlock, showProgress } from "../../lib/tracking/progress.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";

const report = (step: number): StepReport => ({
  step,
  steps: 200,
  epoch: 1,
  images: 64 * step,
  loss: 0.25,
  losses: { digits: { total: 0.125 }, 梯子: { total: 0.375 } },
  shares: { digits: 0.75, 梯子: 0.25 },
  learningRate: 1,
  gradientNorm: 1,
  standardizerWeight: 1,
  imagesPerSecond: 10,
  waitingShare: 0.02,
  seconds: 1,
  secondsLeft: 100,
});

/** What a terminal, or a log, gets. */
function recorder({ columns = 80, isTerminal = true, rows = 24 } = {}) {
  let [text, time] = ["", 0];
  const output = {
    write: (part: string) => void (text += part),
    isTerminal,
    columns: () => columns,
    rows: () => rows,
  };
  const progress = showProgress({ output, now: () => time });
  return { progress, wait: (ms: number) => void (time += ms), text: () => text };
}

/** Columns of a terminal: a character of Chinese takes two. */
function widthOf(line: string): number {
  return [...line].reduce((sum, character) => sum + (character > "\u2e80" ? 2 : 1), 0);
}

Deno.test("a terminal gets one block, a line for the whole and one for each teacher", () => {
  const { progress, wait, text } = recorder();
  progress.report(report(1));
  const block = text();
  assertEquals(block.split("\n").length, 3);
  assertStringIncludes(block, "step 1/200  loss 0.250  1 min 40 s left  10 images/s");
  assertStringIncludes(block, "digits  loss 0.125  kept  75% ━━━━━━━━━━━━────");
  assertStringIncludes(block, "梯子    loss 0.375  kept  25% ━━━━────────────");
  wait(200);
  progress.report(report(2));
  // Two lines up, and everything from there on is drawn anew.
  assert(text().slice(block.length).startsWith("\r\x1b[2A\x1b[J"));
});

Deno.test("notes do not tear the block, and its last state stays", () => {
  const { progress, wait, text } = recorder();
  progress.report(report(1));
  progress.report(report(2));
  wait(200);
  progress.report(report(3));
  progress.note("warning: a broken image");
  progress.report(report(200));
  progress.end();
  assertEquals(text().match(/step \d+/g), ["step 1", "step 3", "step 200"]);
  assertStringIncludes(text(), "\r\x1b[2A\x1b[Jwarning: a broken image\n");
  assert(text().endsWith("\n"));
});

Deno.test("without a terminal there are plain lines, seldom, and always the last", () => {
  const { progress, wait, text } = recorder({ isTerminal: false });
  for (let step = 1; step <= 20; step++) {
    progress.report(report(step));
    wait(1000);
  }
  progress.end();
  assertEquals(text().match(/step \d+/g), ["step 1", "step 6", "step 11", "step 16", "step 20"]);
  assert(!text().includes("\x1b"));
  assertStringIncludes(text(), "loss 0.2500 (digits 0.125, 梯子 0.375)  kept digits 75% 梯子 25%");
});

Deno.test("the loss of the only teacher is the loss", () => {
  const { digits } = report(1).losses;
  assert(!plainLine({ ...report(1), losses: { digits: digits! } }).includes("("));
});

Deno.test("a block fits any terminal and loses the least important first", () => {
  for (let columns = 0; columns < 200; columns++) {
    for (const rows of [1, 2, 3, 24]) {
      const lines = progressBlock(report(100), { columns, rows }).split("\n");
      assertLessOrEqual(lines.length, rows);
      for (const line of lines) assertLessOrEqual(widthOf(line), columns);
    }
  }
  const low = progressBlock(report(100), { columns: 200, rows: 2 });
  assertStringIncludes(low, "kept digits 75% 梯子 25%  waiting 2%");
  const narrow = progressBlock(report(100), { columns: 45, rows: 24 });
  assertEquals(narrow, " 50% ━━━━━━━━────────  step 100/200");
});

Deno.test("a teacher that counts no more has no loss", () => {
  const { digits } = report(1).losses;
  const block = progressBlock({ ...report(1), losses: { digits: digits! } }, {
    columns: 80,
    rows: 24,
  });
  assertStringIncludes(block, "loss   –  ");
});

Deno.test("the last step is shown at once, whenever the one before it was", () => {
  for (const isTerminal of [true, false]) {
    const { progress, text } = recorder({ isTerminal, columns: 200 });
    for (const step of [1, 2, 8, 200]) progress.report(report(step));
    assertEquals(text().match(/step \d+/g), ["step 1", "step 200"]);
  }
});
