/** What a process uses, with clock, processor and counters of our own. */
import { assertEquals } from "@std/assert";
import type { EnergyReading } from "../../../lib/process/energy_meter.ts";
import { openUseMeter } from "../../../lib/training/account/use_meter.ts";

const range = 100e6;
const shows = (joules: number): EnergyReading => ({
  counters: new Map([["package", { microjoules: joules * 1e6, range }]]),
});

/** A machine whose numbers the test moves. */
function machine(reading: EnergyReading) {
  const state = { reading, ms: 5000, seconds: 70, reads: 0 };
  const open = () =>
    openUseMeter({
      now: () => state.ms,
      processorSeconds: () => state.seconds,
      readEnergy: () => {
        state.reads++;
        return Promise.resolve(state.reading);
      },
    });
  return { state, open };
}

Deno.test("use counts from where the meter was opened, over counters that begin again", async () => {
  const { state, open } = machine(shows(90));
  const meter = await open();
  assertEquals(meter.notMetered, undefined);
  Object.assign(state, { ms: 65_000, seconds: 90, reading: shows(5) });
  assertEquals(await meter.measure(), { processorSeconds: 20, meteredSeconds: 20, joules: 15 });
  Object.assign(state, { ms: 66_000, seconds: 91, reading: shows(8) });
  assertEquals(await meter.measure(), { processorSeconds: 21, meteredSeconds: 21, joules: 18 });
});

Deno.test("an interval that is too long for a counter, or could not be read, is not metered", async () => {
  const { state, open } = machine(shows(10));
  const meter = await open();
  Object.assign(state, { ms: 5000 + 150_001, seconds: 80, reading: shows(20) });
  assertEquals(await meter.measure(), { processorSeconds: 10, meteredSeconds: 0, joules: 0 });
  Object.assign(state, { ms: 160_000, seconds: 81, reading: { reason: "interrupted" } });
  assertEquals(await meter.measure(), { processorSeconds: 11, meteredSeconds: 0, joules: 0 });
  Object.assign(state, { seconds: 82, reading: shows(30) });
  assertEquals(await meter.measure(), { processorSeconds: 12, meteredSeconds: 0, joules: 0 });
  Object.assign(state, { seconds: 84, reading: shows(33) });
  assertEquals(await meter.measure(), { processorSeconds: 14, meteredSeconds: 2, joules: 3 });
});

Deno.test("counters are read again after a minute, not at each step", async () => {
  const { state, open } = machine(shows(0));
  const meter = await open();
  for (const ms of [6000, 40_000, 65_000]) {
    state.ms = ms;
    await meter.keepUp();
  }
  assertEquals(state.reads, 1);
  Object.assign(state, { ms: 65_001, seconds: 75, reading: shows(60) });
  await meter.keepUp();
  assertEquals(state.reads, 2);
  Object.assign(state, { ms: 66_000, seconds: 76, reading: shows(20) });
  assertEquals(await meter.measure(), { processorSeconds: 6, meteredSeconds: 6, joules: 120 });
});

Deno.test("where there is no meter, it is looked for once", async () => {
  const { state, open } = machine({ reason: "none here" });
  const meter = await open();
  assertEquals(meter.notMetered, "none here");
  Object.assign(state, { ms: 900_000, seconds: 100 });
  await meter.keepUp();
  assertEquals(await meter.measure(), { processorSeconds: 30, meteredSeconds: 0, joules: 0 });
  assertEquals(state.reads, 1);
});

Deno.test("a busy process uses what it says it does", async () => {
  const meter = await openUseMeter({ now: () => performance.now() });
  const begun = performance.now();
  let sum = 0;
  while (performance.now() - begun < 300) sum += Math.sin(sum + 1);
  const { processorSeconds } = await meter.measure();
  // Others may take the core, and other threads of this process add theirs.
  assertEquals(processorSeconds > 0.002 && processorSeconds < 30, true, `${processorSeconds} s`);
});
