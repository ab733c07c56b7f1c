import { assertEquals } from "@std/assert";
import { bar, liveLines, progressBar } from "../../lib/io/terminal.ts";

function drawn(isTerminal: boolean, done: number[], total = 100e6): string[] {
  const lines: string[] = [];
  const bar = progressBar({ write: (text) => lines.push(text), isTerminal });
  for (const now of done) bar({ stage: "Fetching", done: now, total });
  return lines;
}

Deno.test("a log gets a line per quarter", () => {
  assertEquals(drawn(false, [0, 1e6, 2e6, 30e6, 31e6, 100e6, 100e6]), [
    "Fetching   0% (0 MB of 100 MB)\n",
    "Fetching  30% (30 MB of 100 MB)\n",
    "Fetching 100% (100 MB of 100 MB)\n",
  ]);
});

Deno.test("a terminal gets one line, redrawn, that ends when all is done", () => {
  const lines = drawn(true, [50e6, 50e6 + 1, 100e6]);
  assertEquals(lines.map((line) => line.replaceAll(/[━─]+/g, "=")), [
    "\r\x1b[KFetching =  50% (50 MB of 100 MB)",
    "\r\x1b[KFetching = 100% (100 MB of 100 MB)",
    "\n",
  ]);
  assertEquals(lines[0]?.match(/[━─]+/)?.[0], "━".repeat(12) + "─".repeat(12));
});

Deno.test("a stage without a total is one line", () => {
  assertEquals(drawn(true, [0, 0], 0), ["Fetching\n"]);
});

Deno.test("a live line is cleared only where it is shown", () => {
  const written: string[] = [];
  const line = liveLines({ write: (text) => written.push(text) });
  line.clear();
  line.end();
  line.draw("a");
  line.draw("b");
  assertEquals(line.shown, true);
  line.clear();
  line.draw("c");
  line.end();
  assertEquals([line.shown, ...written], [
    ...[false, "\r\x1b[Ka", "\r\x1b[Kb", "\r\x1b[K", "\r\x1b[Kc", "\n"],
  ]);
});

Deno.test("live lines are drawn over from the first of them", () => {
  const written: string[] = [];
  const lines = liveLines({ write: (text) => written.push(text) });
  lines.draw("a\nb\nc");
  lines.draw("d");
  lines.draw("e\nf");
  lines.clear();
  assertEquals(written, [
    "\r\x1b[Ka\nb\nc",
    "\r\x1b[2A\x1b[Jd",
    "\r\x1b[Ke\nf",
    "\r\x1b[1A\x1b[J",
  ]);
});

Deno.test("a bar is never more than full, nor less than empty", () => {
  assertEquals([-1, 0, 0.5, 1, 7].map((share) => bar(share, 4)), [
    "────",
    "────",
    "━━──",
    "━━━━",
    "━━━━",
  ]);
});
