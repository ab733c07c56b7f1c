import { assert, assertEquals } from "@std/assert";
import { wilsonInterval } from "../../../lib/metrics/comparison/wilson_interval.ts";
import { fitLinearPrediction } from "../../../lib/metrics/drift/linear_prediction.ts";
import { riseOf } from "../../../lib/metrics/drift/rise.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { assertClose, fillValues, golden } from "../../golden_values_fixture.ts";

const expected = golden<{
  readonly linear: string;
  readonly wilson: readonly (readonly [number, number, number, number])[];
}>("metrics/drift");

Deno.test("a linear map with intercept predicts as scikit-learn's ridge regression does", () => {
  const [inputs, outputs] = [fillValues(120, 9), fillValues(90, 10)];
  const map = fitLinearPrediction(
    { features: inputs.slice(0, 80), width: 4 },
    { features: outputs.slice(0, 60), width: 3 },
    0.05,
  );
  const { features, width } = map.predict({ features: inputs.slice(80), width: 4 });
  assertEquals(width, 3);
  assertClose(features, expected.linear, 1e-6);
});

Deno.test("the interval of a share is scipy's", () => {
  for (const [successes, trials, low, high] of expected.wilson) {
    assertClose(wilsonInterval(successes, trials), [low, high], 1e-6);
  }
});

Deno.test("a rise is the ratio of the means, and its interval that of the normal limit", () => {
  const draw = (name: string, mean: number) =>
    randomStream(3).at(name).normal(400).map((value) => mean + value);
  const samples = { reference: draw("a", 10), current: draw("b", 15) };
  const { reference, current, times, low, high } = riseOf(samples, randomStream(0));
  const mean = (values: Float32Array) => values.reduce((sum, one) => sum + one, 0) / values.length;
  assertClose([reference, current], [mean(samples.reference), mean(samples.current)], 1e-6);
  assertEquals(times, current / reference);
  // By the delta method: the relative variances of both means add up.
  const error = 1.96 * times * Math.sqrt(1 / (400 * 10 ** 2) + 1 / (400 * 15 ** 2));
  assert(Math.abs(times - low - error) < 0.25 * error, `${low}, expected ${times - error}`);
  assert(Math.abs(high - times - error) < 0.25 * error, `${high}, expected ${times + error}`);
});

Deno.test("a rise of shares takes part and whole of the same images", () => {
  const whole = { reference: [1, 2, 30, 4, 5, 6], current: [10, 2, 3, 4, 50, 6] };
  const half = { reference: whole.reference.map((v) => v / 2), current: whole.current };
  const { reference, current, times, low, high } = riseOf(half, randomStream(0), whole);
  // Whatever is drawn, the shares stay a half and the whole.
  assertEquals([reference, current, times, low, high], [0.5, 1, 2, 2, 2]);
});
