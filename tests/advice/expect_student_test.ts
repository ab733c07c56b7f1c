import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { adviseComponents, expectStudent } from "../../lib/advice/expect_student.ts";
import type { PastComponent, PastRun } from "../../lib/advice/past/past_runs.ts";
import { pastRun } from "./advice_facts_fixture.ts";

const planned = { start: "network", teacherKind: "pretrained", images: 1000 } as const;
const sources = (runs: readonly PastRun[], plan: Parameters<typeof expectStudent>[1] = planned) =>
  expectStudent({ runs }, plan)?.sources;

Deno.test("runs of the same start and kind of teachers count, with all their seeds", () => {
  const expected = expectStudent({
    runs: [
      pastRun,
      { ...pastRun, source: "more", minutes: 28, seen: null, leads: [-3], places: [] },
      { ...pastRun, start: "scratch", leads: [-50] },
      { ...pastRun, teacherKind: "specialists", leads: [50] },
    ],
  }, planned)!;
  assertEquals(expected.sources, ["job row", "more"]);
  assertEquals([expected.lead.mean, expected.lead.seeds, expected.minutes], [0, 3, [6, 28]]);
  assertAlmostEquals(expected.place!.mean, 1.2, 1e-12);
  assertEquals(expected.seen, 4000);
  assert(!expected.alwaysBehind);
});

Deno.test("real images before generated ones, which count where there are no others", () => {
  const generated: PastRun = { ...pastRun, source: "world", images: "generated", leads: [-9] };
  assertEquals(sources([generated, pastRun]), ["job row"]);
  const only = expectStudent({ runs: [generated] }, planned)!;
  assertEquals([only.images, only.alwaysBehind], ["generated", true]);
  assertEquals(sources([{ ...pastRun, start: "scratch" }]), undefined);
});

Deno.test("runs of a quarter to four times as many images count, where there are some", () => {
  const of = (imageCount: number) => ({ ...pastRun, source: `${imageCount}`, imageCount });
  const runs = [249, 250, 4000, 4001].map(of);
  assertEquals(sources(runs), ["250", "4000"]);
  assertEquals(sources([of(10), of(1e6)]), ["10", "1000000"]);
});

const pairs = (
  component: PastComponent["component"],
  increments: readonly number[],
  changes: Partial<PastComponent> = {},
): PastComponent => ({
  ...{ component, increments, images: "real", start: "network", sources: ["a"], ...changes },
});
const dropping = (...components: PastComponent[]) =>
  adviseComponents({ components }, "network", [1, 1])[2]!;

Deno.test("a part that clearly costs points is off, one that clearly adds some is on", () => {
  assertEquals(dropping(pairs("dropping", [-2, -2.2, -1.9])), {
    ...{ component: "dropping", isOn: false, by: "record" },
    added: {
      mean: -6.1 / 3,
      deviation: dropping(pairs("dropping", [-2, -2.2, -1.9])).added!.deviation,
      seeds: 3,
    },
    pairs: { images: "real", start: "network" },
  });
  const { isOn, by } = dropping(pairs("dropping", [2, 2.2, 1.9]));
  assertEquals([isOn, by], [true, "record"]);
});

Deno.test("where it is too noisy to tell, the method decides; the record is told all the same", () => {
  const { isOn, by, added } = dropping(pairs("dropping", [-2, 2.2, -1.9]));
  assertEquals([isOn, by, added!.seeds], [true, "method", 3]);
  assertEquals(dropping(), { component: "dropping", isOn: true, by: "method" });
});

Deno.test("generated images decide where real ones are too noisy, but the other start only where there is no pair", () => {
  const noisy = pairs("dropping", [-2, 2.2, -1.9]);
  const clear = [-2, -2.2, -1.9];
  assertEquals(dropping(noisy, pairs("dropping", clear, { images: "generated" })).isOn, false);
  assertEquals(dropping(noisy, pairs("dropping", clear, { start: "scratch" })).isOn, true);
  const other = dropping(pairs("dropping", clear, { start: "scratch" }));
  assertEquals([other.isOn, other.pairs], [false, { images: "real", start: "scratch" }]);
});

Deno.test("teachers of unlike scale are standardised, whatever the record says", () => {
  const components = [pairs("standardisation", [-2, -2.2, -1.9])];
  const of = (...deviations: number[]) =>
    adviseComponents({ components }, "network", deviations)[0]!;
  const unlike = of(0.1, 0.25, 0.2);
  assertEquals([unlike.isOn, unlike.by, unlike.scales], [true, "measured", 2.5]);
  assertEquals([of(0.1, 0.19).isOn, of(0.1, 0.19).by], [false, "record"]);
});
