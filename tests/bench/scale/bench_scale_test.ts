/** The table of the cost model, and its comparison with records. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { benchScale } from "../../../lib/bench/scale/bench_scale.ts";
import { checksOf, measuredDevice, processesRun } from "../../../lib/bench/scale/checks.ts";
import {
  type MeasuredRecords,
  measuredRecords,
} from "../../../lib/bench/scale/measured_records.ts";
import { paperRun, scaleSetting } from "../../../lib/bench/scale/paper_run.ts";
import { scaleTable } from "../../../lib/bench/scale/scale_table.ts";
import { memorySetting } from "../../../lib/bench/memory/bench_memory.ts";
import { paperSetting } from "../../../lib/bench/paper_size/bench_paper.ts";
import { processesSetting } from "../../../lib/bench/processes/bench_processes.ts";
import { standardSettings } from "../../../lib/bench/step_setting.ts";
import { stepCost } from "../../../lib/training/scale/step_cost.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const way = { parameters: 25_475_328, before: 1e9, peak: 1.5e9, seconds: 0.07 };
/** A machine of two cores and 100 GFLOP/s that reaches half of it. */
const records: MeasuredRecords = {
  bench_step: {
    setting: { ...standardSettings.transformer },
    gflopPerStep: 208.3,
    gemmGflops: 100,
    fractionOfGemm: 0.5,
    machine: { cpu: "a processor", cores: 2 },
  },
  bench_memory: {
    setting: { ...memorySetting },
    ways: [
      { ...way, name: "update in place" },
      { ...way, name: "in 4 parts" },
      { ...way, name: "whole batch, XLA" },
    ],
  },
  bench_processes: {
    setting: processesSetting,
    rows: [{ processes: 1, secondsPerStep: 3 }, { processes: 2, secondsPerStep: 2 }],
    sumMilliseconds: 500,
    load: 4,
  },
  bench_paper: {
    setting: paperSetting,
    first: { seconds: [200, 90, 110], stepBytes: 9.5e9, peakBytes: 12e9 },
    batch: 4,
    parts: 2,
    machine: { load: [6, 8] },
  },
};

Deno.test("a machine's records say how fast it multiplies, moves memory and sends", () => {
  const device = measuredDevice(records)!;
  assertEquals([device.peak, device.reached], [100e9, 0.5]);
  assertAlmostEquals(device.memoryBandwidth, 7 * 4 * way.parameters / 0.07, 1);
  // 92 MB in half a second.
  assertEquals(device.link.within, 184e6);
  assertEquals(measuredDevice({}), undefined);
});

Deno.test("every comparison is made for which there is a record", () => {
  const checks = checksOf(records),
    named = (part: string) => checks.filter(({ what }) => what.includes(part));
  const [products] = named("bench step");
  assertAlmostEquals(products!.reckoned / products!.measured, 1, 0.002);
  const [alone, beside] = checks.filter(({ measured }) => measured === 100);
  assertEquals([alone!.unit, beside!.what], ["s", "the same beside a load of 6.0"]);
  // Two threads beside six others on two cores.
  assertAlmostEquals(beside!.reckoned / alone!.reckoned, 4, 1e-9);
  const paper = paperRun({ ...scaleSetting, batch: 8 }, { accumulate: 2, recompute: true });
  const { operations } = stepCost(paper, measuredDevice(records)!, 1);
  const products8 = Object.values(operations).reduce((all, one) => all + one, 0) / 50e9;
  assert(alone!.reckoned > products8 && alone!.reckoned < 1.1 * products8);
  // Half of the step of one process, and the sum of 13 MB at 184 MB/s.
  const [halved] = named("from the seconds of 1 process");
  const { traffic } = stepCost(processesRun(processesSetting), measuredDevice(records)!, 2);
  assertAlmostEquals(halved!.reckoned, 1.5 + traffic.sum / 184e6, 1e-9);
  const copy = 4 * way.parameters;
  assertEquals(named("update in place")[0]!.reckoned, copy);
  const { reckoned } = named("in 4 parts")[0]!;
  assert(reckoned > 3 * copy && reckoned < 5 * copy, "three copies, and the activations of a part");
  assertEquals(named("XLA"), []);
  const [peak] = named("peak of the steps");
  assert(peak!.reckoned > 7e9 && peak!.reckoned < 8e9);
  assertEquals(checksOf({ bench_paper: records.bench_paper! }).map(({ unit }) => unit), ["bytes"]);
  assertEquals(checksOf({}), []);
});

Deno.test("the table has a line for each cost with its formula, and columns for 1 to 64 cards", () =>
  inTemporaryFolder(async (folder) => {
    const bench = await benchScale(scaleSetting, folder);
    assertEquals(
      bench.columns.map(({ batch, accumulate, costs }) => [
        costs.h100!.step.devices,
        batch,
        accumulate,
      ]),
      [[1, 512, 4], [4, 512, 1], [8, 512, 1], [64, 512, 1], [64, 8192, 1]],
    );
    const lines = scaleTable(bench).join("\n").split("\n");
    const line = (name: string) => lines.find((text) => text.startsWith(name))!;
    assert(/^each of N cards +1 +4 +8 +64 +64 × 128 +formula$/.test(line("each of N cards")));
    assert(/910 MB +4 P$/.test(line("bytes of parameters")));
    assert(/0 MB +1\.4 GB .* 2 \(N − 1\) \/ N · 4 P$/.test(line("sent for the sum")));
    // No sum was measured.
    assert(/gRPC, as measured( +–){5}/.test(line("  seconds over gRPC")));
    assert(!lines.some((text) => text.startsWith("checked on")));
    const machine = `${folder}/a_processor`;
    await Deno.mkdir(`${machine}/numbers`, { recursive: true });
    await Deno.mkdir(`${folder}/of_nothing`);
    for (const [name, record] of Object.entries(records)) {
      await Deno.writeTextFile(`${machine}/numbers/${name}.json`, JSON.stringify(record));
    }
    const compared = scaleTable(await benchScale(scaleSetting, folder)).join("\n");
    assertEquals(compared.match(/checked on .*2 cores/g), ["checked on a processor, 2 cores"]);
    assert(/gRPC, as measured +0 +7\.42 /.test(compared), compared);
    await assertRejects(
      () => benchScale({ ...scaleSetting, batch: 100 }, folder),
      UserError,
      "a batch of 100 for 8 devices",
    );
    await Deno.writeTextFile(`${machine}/numbers/bench_paper.json`, "{}");
    await assertRejects(() => measuredRecords(machine), UserError, "found no record of this bench");
    await Deno.writeTextFile(`${machine}/numbers/bench_paper.json`, "{");
    await assertRejects(() => benchScale(scaleSetting, folder), UserError, "Record it again");
  }));

Deno.test("a batch that is no larger than all cards take at once has no column of its own", async () => {
  const { columns } = await benchScale({ ...scaleSetting, atOnce: 8 }, "no such folder");
  assertEquals(columns.length, 4);
  assertThrows(() => stepCost(paperRun(scaleSetting), measuredDevice(records)!, 7), UserError);
});
