/** The bench of memory: a process of its own for a way, and the table. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { memorySetting, memoryTable } from "../../../lib/bench/memory/bench_memory.ts";
import { measureStepMemory } from "../../../lib/bench/memory/step_memory.ts";

const setting = {
  ...{ batch: 4, imageSize: 16, patchSize: 8, width: 512, depth: 1, heads: 2 },
  ...{ hidden: 8, lastHidden: 1024, teachers: 2, teacherWidth: 1024 },
};

Deno.test("an update in place needs three copies less", async () => {
  const [beside, inPlace] = [
    await measureStepMemory(setting, { half: "update", inPlace: false }),
    await measureStepMemory(setting, { half: "update", inPlace: true }),
  ];
  const copy = 4 * inPlace.parameters;
  assert(copy > 25e6, "large enough to be seen");
  const saved = (beside.peak - beside.before - (inPlace.peak - inPlace.before)) / copy;
  assert(saved > 2 && saved < 4, `${saved} copies`);
});

Deno.test("a gradient in parts is measured", async () => {
  const { peak, before, seconds } = await measureStepMemory(
    { ...setting, width: 16, lastHidden: 16, teacherWidth: 16 },
    { half: "gradients", mode: "graph", parts: 2, recompute: true, recomputeHeads: true },
  );
  assert(peak >= before && seconds > 0);
});

Deno.test("the table says what each way adds", () => {
  const way = { parameters: 1e6, before: 2e8, seconds: 1 };
  const lines = memoryTable({
    setting: memorySetting,
    ways: [{ ...way, name: "whole", peak: 5e8 }, { ...way, name: "parts", peak: 3e8 }],
    machine: { cpu: "a processor", cores: 2 },
  });
  assert(lines.some((line) => line.includes("4 MB; a processor, 2 cores")));
  assertMatch(lines.find((line) => line.startsWith("whole"))!, / 500 MB +300 MB +1\.00 s/);
  assertEquals(lines.filter((line) => line.includes("100 MB")).length, 1);
});
