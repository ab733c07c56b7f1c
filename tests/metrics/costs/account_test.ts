import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  accountOf,
  addUse,
  joulesBetween,
  noUse,
  type RunAccount,
  sumOfAccounts,
} from "../../../lib/metrics/costs/account.ts";
import { golden } from "../../golden_values_fixture.ts";

interface Golden {
  readonly readings: readonly {
    readonly ranges: number[];
    readonly before: number[];
    readonly after: number[];
    readonly joules: number;
  }[];
  readonly accounts: readonly {
    readonly use: [number, number, number, number, number];
    readonly kilowattHours: number;
    readonly gramsCo2e: number;
    readonly meteredShare: number;
  }[];
  readonly sum: Readonly<Record<keyof Omit<RunAccount, "flop" | "notMetered">, number>>;
}

const expected = golden<Golden>("metrics/account");
const counters = (shown: readonly number[], ranges: readonly number[]) =>
  new Map(shown.map((microjoules, i) => [`package-${i}`, { microjoules, range: ranges[i]! }]));

/** Relative; all values are above 1e-3. */
const tolerance = 1e-12;

function assertNear(found: number | undefined, wanted: number, what: string): void {
  assertAlmostEquals((found ?? NaN) / wanted, 1, tolerance, what);
}

Deno.test("joules of one, two and four packages, some of whose counters began again (golden)", () => {
  for (const { ranges, before, after, joules } of expected.readings) {
    const found = joulesBetween(counters(before, ranges), counters(after, ranges));
    assertNear(found, joules, `${ranges.length} packages`);
  }
});

Deno.test("no joules where packages differ, or a counter of no known range fell", () => {
  const one = counters([5], [10]), two = counters([5, 6], [10, 10]);
  assertEquals(joulesBetween(one, two), undefined);
  assertEquals(joulesBetween(two, one), undefined);
  assertEquals(joulesBetween(counters([5], [NaN]), counters([4], [NaN])), undefined);
  assertEquals(joulesBetween(counters([5e6], [NaN]), counters([7e6], [NaN])), 2);
  assertEquals(joulesBetween(one, one), 0);
});

Deno.test("energy and carbon of use that was metered wholly, in part and not at all (golden)", () => {
  for (const { use, kilowattHours, gramsCo2e, meteredShare } of expected.accounts) {
    const [processorSeconds, meteredSeconds, joules, wattsPerCore, gridIntensity] = use;
    const rates = { wattsPerCore, gridIntensity };
    const account = accountOf({ processorSeconds, meteredSeconds, joules }, rates);
    assertNear(account.kilowattHours, kilowattHours, "kWh");
    assertNear(account.gramsCo2e, gramsCo2e, "g");
    assertEquals(account.meteredShare, meteredShare);
    assertEquals([account.processorSeconds, account.gridIntensity], [processorSeconds, use[4]]);
  }
});

Deno.test("several accounts add up, with the watts and the grid that give the same sums (golden)", () => {
  const accounts = expected.accounts.map(({ use }) => {
    const [processorSeconds, meteredSeconds, joules, wattsPerCore, gridIntensity] = use;
    return accountOf({ processorSeconds, meteredSeconds, joules }, { wattsPerCore, gridIntensity });
  });
  const sum = sumOfAccounts(accounts.map((one) => ({ ...one, flop: { student: 2, teachers: 3 } })));
  for (const [name, value] of Object.entries(expected.sum)) {
    assertNear(sum[name as keyof typeof expected.sum], value, name);
  }
  assertEquals(sum.flop, { student: 6, teachers: 9 });
  const [first, ...rest] = accounts;
  assertEquals(sumOfAccounts([first!]), first);
  const { gramsCo2e: _, gridIntensity: _grid, ...unknown } = first!;
  const partly = sumOfAccounts([{ ...unknown, notMetered: "why" }, ...rest]);
  assertEquals([partly.gramsCo2e, partly.gridIntensity, partly.flop], [
    ...[undefined, undefined, undefined],
  ]);
  assertEquals(partly.notMetered, "why");
});

Deno.test("nothing used is nothing, and use adds up", () => {
  const nothing = accountOf(noUse, { wattsPerCore: 12 });
  assertEquals([nothing.kilowattHours, nothing.meteredShare, nothing.gramsCo2e], [
    ...[0, 0, undefined],
  ]);
  assertEquals(sumOfAccounts([nothing, nothing]).wattsPerCore, 12);
  const use = { processorSeconds: 3, meteredSeconds: 2, joules: 50 };
  assertEquals(addUse(use, addUse(noUse, use)), {
    ...{ processorSeconds: 6, meteredSeconds: 4, joules: 100 },
  });
});
