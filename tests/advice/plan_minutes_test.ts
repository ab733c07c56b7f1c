import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  enoughPasses,
  minutesOfPass,
  mostMinutes,
  planFeatures,
  planMinutes,
} from "../../lib/advice/plan_minutes.ts";
import { golden } from "../golden_values_fixture.ts";
import { cache, step } from "./advice_facts_fixture.ts";

Deno.test("five passes with kept features and without: as an independent walk over the steps", () => {
  const { plan } = golden<{
    readonly plan: {
      readonly live: number;
      readonly cached: number;
      readonly views: number;
      readonly pass: number;
    };
  }>("advice/advice");
  const features = planFeatures(step, cache);
  assertEquals([features.kind, features.why, features.readFrom], ["cached", "faster", "memory"]);
  assertAlmostEquals(features.liveMinutes, plan.live, 1e-9);
  assertAlmostEquals(features.cachedMinutes, plan.cached, 1e-9);
  assertEquals(features.bytes, plan.views * 320 * cache.viewBytes);
  assertAlmostEquals(minutesOfPass(step, "cached"), plan.pass, 1e-9);
});

Deno.test("features that the disk has no room for are computed at each step", () => {
  const { kind, why } = planFeatures(step, { ...cache, freeBytes: 1e6 });
  assertEquals([kind, why], ["live", "no room"]);
});

Deno.test("what does not fit in memory is read at the pace of the disk, and so may be slower", () => {
  const full = { ...cache, memoryBytes: 1e6 };
  const quick = planFeatures(step, { ...full, diskBytesPerSecond: 5e7 });
  assertEquals([quick.kind, quick.readFrom], ["cached", "disk"]);
  // 10 kB at 50 MB/s: 0.1 ms more, for each of 32 images of 50 steps.
  assertAlmostEquals(quick.readMilliseconds, 0.2, 1e-9);
  const more = quick.cachedMinutes - planFeatures(step, cache).cachedMinutes;
  assertAlmostEquals(more, 50 * 32 * 1e-4 / 0.95 / 60, 1e-9);
  // A view of 32 in 50 ms each: more than the 1.5 s that features take.
  const slow = planFeatures(step, { ...full, diskBytesPerSecond: 2e5 });
  assertEquals([slow.kind, slow.why], ["live", "slower"]);
  assertAlmostEquals(slow.readMilliseconds, 50, 1e-9);
});

Deno.test("teachers that cost nothing are computed at each step", () => {
  const free = { ...step, speed: { ...step.speed, newViewSeconds: 0.5, fitSeconds: 0 } };
  assertEquals(planFeatures(free, cache).kind, "live");
});

Deno.test("whole minutes are advised, the fewest that are enough for five passes", () => {
  for (const kind of ["cached", "live"] as const) {
    const { minutes, passes, views } = planMinutes(step, kind);
    assert(Number.isInteger(minutes));
    assert(passes >= enoughPasses);
    assert(minutes === 1 || planMinutes(step, kind, minutes - 1).passes < enoughPasses);
    assertEquals(views === undefined, kind === "live");
  }
});

Deno.test("many images: the longest run on record, and at least one pass", () => {
  const speed = { ...step.speed, stepSeconds: 20, newViewSeconds: 60 };
  assertEquals(planMinutes({ ...step, speed }, "live").minutes, mostMinutes);
  const slow = { ...step, speed: { ...speed, newViewSeconds: 600 } };
  const { minutes, passes } = planMinutes(slow, "live");
  assert(minutes > mostMinutes && passes >= 1 && passes < 2);
});

Deno.test("given minutes are planned as they are", () => {
  const { minutes, passes, steps } = planMinutes(step, "live", 0.4);
  // 22.8 s less 7 to begin, 3.8 for each of the first batches and 2 for the next.
  assertEquals([minutes, steps, passes], [0.4, 4, 0.4]);
});
