import { assertEquals, assertStringIncludes } from "@std/assert";
import type { StepReport } from "../../../lib/runs/step_report.ts";
import { jupyterDisplay } from "../../../lib/report/notebook/view.ts";
import { stepBoard, teacherBoard } from "../../../lib/report/notebook/boards.ts";

const words = (text: string) => text.split("\n").map((line) => line.trim().split(/\s{2,}/));

Deno.test("a teacher board has a line for each teacher, in text and in HTML", async () => {
  const shown = await teacherBoard([{
    name: "a",
    description: "knows <shapes>",
    width: 64,
    stride: 8,
    parameters: 1_234_567,
    licence: "CC0-1.0",
  }])[jupyterDisplay]();
  assertEquals(words(shown["text/plain"]).at(-1), [
    "a",
    "knows <shapes>",
    "64",
    "8",
    "1.23 M",
    "CC0-1.0",
  ]);
  assertStringIncludes(String(shown["text/html"]), "knows &lt;shapes&gt;");
});

Deno.test("a step board says losses and shares of each teacher, and how far the run is", async () => {
  const report = {
    step: 3,
    steps: 10,
    loss: 0.7,
    losses: { a: { cls: 0.25, patch: 0.5, total: 0.75 }, b: { patch: 0.65, total: 0.65 } },
    shares: { a: 0.75, b: 0.25 },
    learningRate: 0.001,
    imagesPerSecond: 123.4,
    secondsLeft: 65,
  } as Partial<StepReport> as StepReport;
  const text = (await stepBoard(report)[jupyterDisplay]())["text/plain"];
  assertStringIncludes(text, "step 3 of 10");
  assertEquals(words(text).find(([first]) => first === "a"), [
    "a",
    "0.250",
    "0.500",
    "0.750",
    "75 %",
  ]);
  assertEquals(words(text).find(([first]) => first === "b"), ["b", "0.650", "0.650", "25 %"]);
  assertStringIncludes(text, "learning rate 0.0010, 123 images/s, 1 min 05 s left");
});
