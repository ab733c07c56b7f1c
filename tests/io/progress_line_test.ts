import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { progressLine, workState } from "../../lib/io/progress_line.ts";

function recorder(isTerminal: boolean, columns = 80) {
  let [text, time] = ["", 0];
  const output = {
    write: (part: string) => void (text += part),
    isTerminal,
    columns: () => columns,
  };
  const line = progressLine({ output, now: () => time });
  return { line, wait: (ms: number) => void (time += ms), text: () => text };
}

Deno.test("a log gets counted work every five seconds, with rate and time left", () => {
  const { line, wait, text } = recorder(false);
  for (let done = 0; done <= 100; done += 10) {
    line.work({ stage: "packing a.zip", done, total: 100, unit: "images" });
    wait(1000);
  }
  line.end();
  assertEquals(text().split("\n"), [
    "packing a.zip: 50 of 100 images, 10 images/s, 5 s left",
    "packing a.zip: 100 of 100 images, 10 images/s",
    "",
  ]);
});

Deno.test("counted work of a moment leaves no line in a log, uncounted work one", () => {
  const { line, text } = recorder(false);
  line.work({ stage: "packing", done: 0, total: 2 });
  line.work({ stage: "packing", done: 2, total: 2 });
  line.work({ stage: "compiling…" });
  line.work({ stage: "compiling…" });
  line.end();
  assertEquals(text(), "compiling…\n");
});

Deno.test("a terminal has one line, which gives way to notices and comes back", () => {
  const { line, wait, text } = recorder(true);
  line.work({ stage: "packing", done: 1, total: 9 });
  wait(50);
  line.work({ stage: "packing", done: 2, total: 9 });
  line.notice("2,050 images in 12 folders");
  wait(100);
  line.work({ stage: "packing", done: 9, total: 9 });
  line.clear();
  line.end();
  const parts = text().split("\r\x1b[K").map((part) => part.replaceAll(/[━─]+/g, "="));
  assertEquals(parts, [
    "",
    " 11% =  packing  1 of 9",
    "2,050 images in 12 folders\n",
    " 22% =  packing  2 of 9",
    "100% =  packing  9 of 9",
    "",
  ]);
});

Deno.test("there is no time left before the fifth piece, and none of nothing", () => {
  const plain = (done: number, first: number) =>
    workState({ stage: "a", done, total: 100 }, { seconds: 10, first }).plain();
  assertEquals(plain(4, 0), "a: 4 of 100");
  assertEquals(plain(5, 0), "a: 5 of 100, 3 min 10 s left");
  // What a resumed run had done before says nothing of its rate.
  assertEquals(plain(54, 50), "a: 54 of 100");
  assertEquals(
    workState({ stage: "a", done: 0, total: 0 }, { seconds: 0, first: 0 }).plain(),
    "a: 0 of 0",
  );
});

Deno.test("a line fits the terminal, however narrow", () => {
  const work = { stage: "features of a model", done: 500, total: 1000, unit: "images" };
  for (let columns = 0; columns < 120; columns++) {
    assertLessOrEqual(workState(work, { seconds: 5, first: 0 }).live(columns, 24).length, columns);
  }
  assert(workState(work, { seconds: 5, first: 0 }).live(120, 24).endsWith("5 s left"));
});
