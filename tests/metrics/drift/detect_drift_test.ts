import { assert, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { detectDrift } from "../../../lib/metrics/drift/detect_drift.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

const width = 6;

/** Numbers of unlike deviations that depend on one another, of each image anew. */
function draw(seed: number, images: number, change = (value: number, _: number) => value) {
  const normal = randomStream(seed).normal(images * width);
  const features = normal.map((value, i) =>
    change((value + (i % width > 0 ? normal[i - 1]! : 0)) * (1 + i % width), i % width)
  );
  return { features, width };
}

Deno.test("of draws without drift about one in twenty alarms each test, and the verdict no more", async () => {
  const draws = 200, alarms = { axes: 0, discrepancy: 0, classifier: 0, drift: 0 };
  for (let seed = 0; seed < draws; seed++) {
    const found = await detectDrift(
      ...[draw(2 * seed, 40), draw(2 * seed + 1, 60)] as const,
      randomStream(seed),
      { permutations: 99 },
    );
    for (const test of ["axes", "discrepancy", "classifier"] as const) {
      alarms[test] += Number(found[test].p <= 0.05);
    }
    alarms.drift += Number(found.drift);
  }
  // Of 200 draws at 5 %, fewer than 3 or more than 19 come once in a thousand times.
  for (const test of ["discrepancy", "classifier"] as const) {
    assert(alarms[test] >= 3 && alarms[test] <= 19, `${test}: ${alarms[test]} of ${draws}`);
  }
  // Corrections and whole numbers of exchanges make these careful.
  assert(alarms.axes >= 1 && alarms.axes <= 19, `axes: ${alarms.axes} of ${draws}`);
  assert(alarms.drift >= 1 && alarms.drift <= 19, `verdict: ${alarms.drift} of ${draws}`);
});

Deno.test("a moved mean, a wider spread and a lost dependence are all found", async () => {
  const changes = [
    (value: number, axis: number) => axis === 0 ? value + 1.2 : value,
    (value: number) => value * 1.6,
  ];
  for (const [i, change] of changes.entries()) {
    const found = await detectDrift(draw(1, 150), draw(2, 150, change), randomStream(0));
    assert(found.drift, `change ${i}: ${found.p}`);
    assert(found.axes.each.some(({ adjusted }) => adjusted < 0.01), `change ${i}: axes`);
  }
});

Deno.test("the verdict is the least of three p-values, times three", async () => {
  const found = await detectDrift(draw(1, 50), draw(2, 70), randomStream(0));
  const { p, axes, discrepancy, classifier } = found;
  assertEquals(p, Math.min(1, 3 * Math.min(axes.p, discrepancy.p, classifier.p)));
  assertEquals(found.drift, p <= 0.05);
  assertEquals(axes.p, Math.min(...axes.each.map(({ adjusted }) => adjusted)));
  assertEquals(found.along.features.length, 120 * axes.each.length);
  const shares = axes.each.map(({ share }) => share);
  assert(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-6);
  assertEquals(shares.toSorted((a, b) => b - a), shares);
  assertEquals(await detectDrift(draw(1, 50), draw(2, 70), randomStream(0)), found);
});

Deno.test("the axes are those of both samples: which is the reference makes no difference to them", async () => {
  const [one, other] = [draw(1, 50), draw(2, 70)];
  const [there, back] = [
    await detectDrift(one, other, randomStream(0)),
    await detectDrift(other, one, randomStream(0)),
  ];
  there.axes.each.forEach(({ statistic, p }, axis) => {
    assert(Math.abs(statistic - back.axes.each[axis]!.statistic) < 1e-6);
    assert(Math.abs(p - back.axes.each[axis]!.p) < 1e-6);
  });
  assert(Math.abs(there.discrepancy.statistic - back.discrepancy.statistic) < 1e-6);
});

Deno.test("too few images, other widths and levels that cannot be reached are refused", async () => {
  const enough = draw(1, 40), random = randomStream(0);
  const refusals: [Promise<unknown>, string][] = [
    [detectDrift(draw(1, 29), enough, random), "found 29 images of reference and 40 new ones"],
    [detectDrift(enough, draw(1, 29), random), "40 images of reference and 29 new ones"],
    [detectDrift(enough, { features: draw(1, 40).features, width: 3 }, random), "width 6 and 3"],
    [detectDrift(enough, draw(2, 40), random, { level: 0.001 }), "a level of 0.001"],
    [detectDrift(enough, draw(2, 40), random, { level: 0 }), "a level of 0 "],
  ];
  for (const [refused, message] of refusals) {
    await assertRejects(() => refused, UserError, message);
  }
});
