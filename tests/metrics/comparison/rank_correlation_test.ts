/** Spearman's ρ and its interval. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  rankCorrelation,
  rankCorrelationInterval,
} from "../../../lib/metrics/comparison/rank_correlation.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { golden } from "../../golden_values_fixture.ts";

interface Order {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly rho: number;
}

Deno.test("ρ is scipy's, with ties and without", () => {
  for (
    const { first, second, rho } of golden<{ spearman: readonly Order[] }>("metrics/selection")
      .spearman
  ) {
    assertAlmostEquals(rankCorrelation(first, second), rho, 1e-12);
  }
});

Deno.test("equal values tell no order; unequal lists are refused", () => {
  assertEquals(rankCorrelation([1, 1, 1], [1, 2, 3]), 0);
  assertThrows(() => rankCorrelation([1, 2], [1]), UserError, "2 and 1 numbers");
  assertThrows(() => rankCorrelation([1], [1]), UserError, "at least two");
  assertThrows(() => rankCorrelation([1, NaN], [1, 2]), UserError, "not finite");
});

Deno.test("the interval holds ρ, narrows with more pairs, and is the same for the same stream", () => {
  const pairs = (count: number) => {
    const outcome = Array.from({ length: count }, (_, i) => i);
    return { outcome, prediction: outcome.map((i) => i + 4 * Math.sin(7 * i)) };
  };
  const widths = [12, 60].map((count) => {
    const { outcome, prediction } = pairs(count);
    const { rho, low, high } = rankCorrelationInterval(prediction, outcome, randomStream(1));
    assert(low < rho && rho < high && high <= 1, `${low} ${rho} ${high}`);
    return high - low;
  });
  assert(widths[1]! < widths[0]! / 1.5, `${widths}`);
  const { outcome, prediction } = pairs(12);
  const twice = [0, 0].map(() => rankCorrelationInterval(prediction, outcome, randomStream(5)));
  assertEquals(twice[0], twice[1]);
});

Deno.test("a lead is that of both predictions on the same pairs: none over itself", () => {
  const outcome = Array.from({ length: 15 }, (_, i) => i);
  const good = outcome.map((i) => i + 3 * Math.sin(5 * i));
  const { lead } = rankCorrelationInterval(good, outcome, randomStream(0), { beside: good });
  assertEquals(lead, { rho: 0, low: 0, high: 0 });
  const noise = outcome.map((i) => Math.sin(100 * i * i));
  const over = rankCorrelationInterval(good, outcome, randomStream(0), { beside: noise }).lead!;
  assert(over.low > 0 && over.low < over.rho && over.rho < over.high, JSON.stringify(over));
  assertAlmostEquals(over.rho, rankCorrelation(good, outcome) - rankCorrelation(noise, outcome));
});
