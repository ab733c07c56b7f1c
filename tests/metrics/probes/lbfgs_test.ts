import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { minimize, type Objective } from "../../../lib/metrics/probes/lbfgs.ts";

/** Rosenbrock's valley, whose minimum lies at ones. */
const valley: Objective = (x) => {
  let value = 0;
  const gradient = new Float64Array(x.length);
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i]!, x[i + 1]!];
    value += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[i]! += -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[i + 1]! += 200 * (b - a * a);
  }
  return Promise.resolve({ value, gradient });
};

Deno.test("Rosenbrock's valley is followed to its end", async () => {
  const { x, value, converged, iterations } = await minimize(
    valley,
    Float64Array.from({ length: 10 }, (_, i) => i % 2 ? 1 : -1.2),
    { gradientTolerance: 1e-8 },
  );
  assert(converged && iterations < 200, `${iterations} iterations`);
  assertAlmostEquals(value, 0, 1e-14);
  for (const value of x) assertAlmostEquals(value, 1, 1e-7);
});

Deno.test("a quadratic with curvatures from 1 to 1e4 is minimised to the digit", async () => {
  const curvatures = Float64Array.from({ length: 30 }, (_, i) => 10 ** (4 * i / 29));
  const { x } = await minimize(
    (point) =>
      Promise.resolve({
        value: point.reduce((sum, p, i) => sum + curvatures[i]! * (p - i) ** 2 / 2, 0),
        gradient: point.map((p, i) => curvatures[i]! * (p - i)),
      }),
    new Float64Array(30),
    { gradientTolerance: 1e-7 },
  );
  x.forEach((p, i) => assertAlmostEquals(p, i, 1e-6));
});

Deno.test("it stops after the iterations that it may take, and says so", async () => {
  const start = Float64Array.of(-1.2, 1);
  const { iterations, converged } = await minimize(valley, start, { maximumIterations: 3 });
  assertEquals([iterations, converged], [3, false]);
  assertEquals(start, Float64Array.of(-1.2, 1), "the start is left as it is");
});

Deno.test("a function that rounding has made flat ends the search", async () => {
  const coarse: Objective = ([a = 0]) =>
    Promise.resolve({ value: Math.fround(1e6 + a * a), gradient: Float64Array.of(2 * a) });
  const { converged, x } = await minimize(coarse, Float64Array.of(3), { gradientTolerance: 1e-12 });
  assert(converged && Math.abs(x[0]!) < 1, `ended at ${x[0]}`);
});

Deno.test("a step is lengthened until the slope has fallen, so that a long way takes few of them", async () => {
  // A slope of 1 up to a bowl a thousand away.
  const distant: Objective = (x) => {
    const d = x[0]! - 1000, near = Math.abs(d) < 1;
    return Promise.resolve({
      value: near ? d * d / 2 : Math.abs(d) - 0.5,
      gradient: Float64Array.of(near ? d : Math.sign(d)),
    });
  };
  const { x, converged } = await minimize(distant, Float64Array.of(0), { maximumIterations: 50 });
  assert(converged);
  assertAlmostEquals(x[0]!, 1000, 1e-3);
});
