import { assert, assertEquals } from "@std/assert";
import { paperSetting } from "../../../lib/bench/paper_size/bench_paper.ts";
import { paperTable } from "../../../lib/bench/paper_size/paper_table.ts";

Deno.test("the table tells the peak of steps from that of a checkpoint, and names a graphics card", () => {
  const run = { losses: [0.5, 0.25], seconds: [100, 10, 12], stepBytes: 8e9, peakBytes: 11e9 };
  const lines = (devices: readonly string[]) =>
    paperTable({
      setting: paperSetting,
      first: run,
      resumed: { ...run, losses: [0.125], seconds: [40], peakBytes: 12e9 },
      ...{ batch: 4, parts: 2 },
      machine: { cpu: "a processor", cores: 2, devices, load: [0.5, 3] },
    });
  const [setting, on, ...rest] = lines(["/device:CPU:0"]);
  assert(setting!.startsWith("student and four teachers ViT-B/16 at 224 px"));
  assert(setting!.includes("2 times 4 images"));
  assertEquals(on, "on a processor, 2 cores; runnable processes before and after: 0.5, 3.0");
  assertEquals(rest.map((line) => line.slice(20)), [
    "0.5000  0.2500  0.1250",
    "100 s, resumed 40 s",
    "10 and 12 s",
    "8.0 GB",
    "11 GB, resumed 12 GB",
  ]);
  assert(lines(["/device:CPU:0", "/device:GPU:0"])[1]!.startsWith("on /device:GPU:0;"));
});
