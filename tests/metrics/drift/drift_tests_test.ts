import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { areaUnderCurve, domainClassifier } from "../../../lib/metrics/drift/domain_classifier.ts";
import { holm } from "../../../lib/metrics/drift/holm.ts";
import { kolmogorovSmirnov } from "../../../lib/metrics/drift/kolmogorov_smirnov.ts";
import { maximumMeanDiscrepancy } from "../../../lib/metrics/drift/maximum_mean_discrepancy.ts";
import { freshPageHinkley, pageHinkley } from "../../../lib/metrics/drift/page_hinkley.ts";
import { exchangeP } from "../../../lib/metrics/drift/relabelling.ts";
import { type RandomStream, randomStream } from "../../../lib/tensors/random.ts";
import { assertClose, fillValues, golden } from "../../golden_values_fixture.ts";

interface Samples {
  readonly n: number;
  readonly m: number;
  readonly shift: number;
  readonly statistic: number;
}

interface Golden {
  readonly smirnov: readonly (Samples & { readonly p: number })[];
  readonly ties: { readonly statistic: number; readonly p: number };
  readonly large: readonly (Samples & { readonly p: number })[];
  readonly mmd: readonly (Samples & { readonly width: number; readonly bandwidth: number })[];
  readonly classifier: Samples & {
    readonly width: number;
    readonly folds: number;
    readonly penalty: number;
    readonly scores: string;
  };
  readonly hinkley: {
    readonly tolerance: number;
    readonly threshold: number;
    readonly first: number;
    readonly sums: string;
  };
}

const expected = golden<Golden>("metrics/drift");

/** Numbers of both samples, of the second moved, as the script makes them. */
function pooled({ n, m, shift, width }: Samples & { readonly width: number }, seed: number) {
  const features = fillValues((n + m) * width, seed);
  return { features: features.map((value, i) => i < n * width ? value : value + shift), width };
}

Deno.test("the distance of two distributions and its p-value are scipy's, exact ones to 1e-9 of themselves", () => {
  for (const { n, m, shift, statistic, p } of expected.smirnov) {
    const second = Array.from(fillValues(m, 2), (value) => value + shift);
    const found = kolmogorovSmirnov(fillValues(n, 1), second);
    assertClose([found.statistic], [statistic], 1e-12, `${n} and ${m}`);
    assert(Math.abs(found.p / p - 1) < 1e-9, `${n} and ${m}: ${found.p}, expected ${p}`);
  }
});

Deno.test("samples beyond those that are counted have scipy's p-value of the limit", () => {
  for (const { n, m, shift, statistic, p } of expected.large) {
    const second = Array.from(fillValues(m, 2), (value) => value + shift);
    const found = kolmogorovSmirnov(fillValues(n, 1), second);
    assertClose([found.statistic], [statistic], 1e-12, `${n} and ${m}`);
    assert(Math.abs(found.p / p - 1) < 1e-6, `${n} and ${m}: ${found.p}, expected ${p}`);
  }
});

Deno.test("equal numbers in both samples are passed together", () => {
  const { statistic, p } = kolmogorovSmirnov([1, 1, 2, 2, 3, 5], [1, 2, 2, 2, 4, 4, 4]);
  assertClose([statistic, p], [expected.ties.statistic, expected.ties.p], 1e-12);
  assertEquals(kolmogorovSmirnov([7, 7], [7, 7, 7]), { statistic: 0, p: 1 });
});

Deno.test("samples without numbers, or with some that are none, are refused", () => {
  assertThrows(() => kolmogorovSmirnov([], [1]), UserError, "without numbers");
  assertThrows(() => kolmogorovSmirnov([1, NaN], [1]), UserError, "not finite");
});

Deno.test("corrected p-values rise with their order and never above 1", () => {
  assertEquals(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
  assertEquals(holm([0.9, 0.8]), [1, 1]);
});

Deno.test("the discrepancy and the width of its kernel are numpy's, whichever sample is the smaller", () => {
  for (const { bandwidth, statistic, ...samples } of expected.mmd) {
    const options = { permutations: 3 };
    const found = maximumMeanDiscrepancy(
      pooled({ ...samples, statistic }, 3),
      samples.n,
      randomStream(0),
      options,
    );
    assertClose([found.statistic, found.bandwidth], [statistic, bandwidth], 1e-6);
  }
});

Deno.test("every exchange counts in the p-value, the observed one among them", () => {
  assertEquals(exchangeP(5, [1, 2, 3]), 1 / 4);
  assertEquals(exchangeP(2, [1, 2, 3]), 3 / 4);
  assertEquals(exchangeP(0.1 + 0.2, [0.3, 0.2]), 2 / 3);
});

Deno.test("images that are all alike have no discrepancy", () => {
  const alike = { features: new Float32Array(12).fill(3), width: 2 };
  assertThrows(() => maximumMeanDiscrepancy(alike, 3, randomStream(0)), UserError, "alike");
});

/** A stream whose permutations change nothing. */
const inOrder: RandomStream = {
  ...randomStream(0),
  at: () => inOrder,
  permutation: (n) => Uint32Array.from({ length: n }, (_, i) => i),
};

Deno.test("held-out scores and the area under their curve are scikit-learn's", () => {
  const { folds, penalty, scores, statistic, ...samples } = expected.classifier;
  const found = domainClassifier(pooled({ ...samples, statistic }, 5), samples.n, inOrder, {
    ...{ folds, penalty },
    permutations: 1,
  });
  assertClose(found.scores, scores, 1e-6);
  assertClose([found.statistic], [statistic], 1e-12);
});

Deno.test("equal scores count half in the area under the curve", () => {
  assertEquals(areaUnderCurve(Float64Array.of(1, 2, 2, 3), Uint8Array.of(0, 0, 1, 1)), 0.875);
  assertEquals(areaUnderCurve(Float64Array.of(1, 1), Uint8Array.of(0, 1)), 0.5);
});

Deno.test("fewer images than folds are refused", () => {
  const few = { features: fillValues(14, 1), width: 1 };
  assertThrows(() => domainClassifier(few, 4, randomStream(0)), UserError, "4 and 10 images");
});

Deno.test("sums of a stream and its alarm are those of Page and Hinkley", () => {
  const { tolerance, threshold, first, sums } = expected.hinkley;
  const stream = [...fillValues(60, 7), ...fillValues(60, 8).map((value) => value + 1.5)];
  let state = freshPageHinkley;
  const found: number[] = [], alarms: number[] = [];
  stream.forEach((value, i) => {
    const step = pageHinkley(state, value, { tolerance, threshold });
    state = step.state;
    found.push(state.sum);
    if (step.alarm) alarms.push(i);
  });
  assertClose(found, sums, 1e-6);
  assertEquals(alarms[0], first);
});

Deno.test("no alarm is raised before the mean is known, and a stream that stands still raises none", () => {
  const options = { tolerance: 0, threshold: 1, leastCount: 10 };
  let state = freshPageHinkley;
  const alarms = Array.from({ length: 12 }, (_, i) => {
    const step = pageHinkley(state, i < 2 ? 0 : 5, options);
    state = step.state;
    return step.alarm;
  });
  assertEquals(alarms.indexOf(true), 9);
  state = freshPageHinkley;
  for (let i = 0; i < 500; i++) {
    const step = pageHinkley(state, 2, options);
    state = step.state;
    assertEquals(step.alarm, false);
  }
  assertThrows(() => pageHinkley(state, NaN, options), RangeError, "NaN");
});
