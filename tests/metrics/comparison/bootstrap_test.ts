import { assertAlmostEquals, assertEquals } from "@std/assert";
import { bootstrapInterval, resampledMeans } from "../../../lib/metrics/comparison/bootstrap.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

Deno.test("the interval of a share is that of the normal approximation", () => {
  const values = Uint8Array.from({ length: 2000 }, (_, i) => Number(i % 5 !== 0));
  const { low, high } = bootstrapInterval(values, randomStream(1));
  // 1.96 sqrt(0.8 0.2 / 2000) is 0.01753; a thousand resamples know the ends to about a tenth of it.
  assertAlmostEquals(0.8 - low, 0.01753, 0.002);
  assertAlmostEquals(high - 0.8, 0.01753, 0.002);
});

Deno.test("the same stream gives the same interval, a constant one without width", () => {
  const values = [0, 1, 1, 0, 1];
  const draw = (seed: number) => bootstrapInterval(values, randomStream(seed));
  assertEquals(draw(3), draw(3));
  assertEquals(bootstrapInterval([1, 1, 1], randomStream(0)), { low: 1, high: 1 });
  assertEquals(bootstrapInterval([], randomStream(0)), { low: NaN, high: NaN });
});

Deno.test("a lower level gives a narrower interval", () => {
  const values = Uint8Array.from({ length: 300 }, (_, i) => i % 2);
  const wide = bootstrapInterval(values, randomStream(0));
  const narrow = bootstrapInterval(values, randomStream(0), { level: 0.5 });
  // The middle half of a normal distribution is 0.344 times as wide as its middle 95 %.
  assertAlmostEquals((narrow.high - narrow.low) / (wide.high - wide.low), 0.344, 0.08);
});

Deno.test("of a thousand means as many lie below the interval as above it: 25", () => {
  const values = Float64Array.from({ length: 40 }, (_, i) => i ** 1.5);
  const { low, high } = bootstrapInterval(values, randomStream(4));
  const means = resampledMeans(values, randomStream(4), 1000);
  assertEquals(means.filter((mean) => mean < low).length, 25);
  assertEquals(means.filter((mean) => mean > high).length, 25);
});
