/** Reading the golden values of tests/golden, and the formula that gives both sides their inputs. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { fromNamedTensors, namedTensors, type Parameters } from "../lib/tensors/parameters.ts";

/** A JSON file of tests/golden by its room and name, such as "nn/resize"; numbers of a tensor are one line of text. */
export function golden<T>(name: string): T {
  return JSON.parse(Deno.readTextFileSync(new URL(`./golden/${name}.json`, import.meta.url))) as T;
}

/** The numbers of `fill` in tests/golden/reference.py. */
export function fillValues(count: number, seed: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => offset + scale * Math.sin(12.9898 * (i + 1) + 78.233 * seed),
  );
}

/** A tensor of such numbers. */
export function fill<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  const values = fillValues(tf.util.sizeFromShape(shape), seed);
  return tf.tensor<R>(values, shape);
}

/** The same tree with the numbers of `filled` in tests/golden/reference.py. */
export function filled<P extends Parameters>(parameters: P, seed = 0): P {
  return fromNamedTensors(
    namedTensors(parameters).map(([name, { shape, size }], i) => {
      const offset = name.includes("norm") && name.endsWith("weight") ? 1 : 0;
      return [name, tf.tensor(fillValues(size, seed + i, 0.3, offset), shape)] as const;
    }),
  ) as P;
}

/** Fails unless every number is within `tolerance` times the largest expected magnitude (or 1). */
export function assertClose(
  actual: tf.Tensor | ArrayLike<number>,
  expected: string | ArrayLike<number>,
  tolerance: number,
  what = "values",
): void {
  const found = actual instanceof tf.Tensor ? actual.dataSync<"float32">() : actual;
  const wanted = typeof expected === "string" ? expected.split(" ").map(Number) : expected;
  assertEquals(found.length, wanted.length, `${what}: count`);
  let largest = 1, worst = 0, at = 0;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(found[i]! - wanted[i]!);
    largest = Math.max(largest, Math.abs(wanted[i]!));
    if (!(difference <= worst)) worst = difference, at = i;
  }
  assert(
    worst <= tolerance * largest,
    `${what}: number ${at} is ${found[at]}, expected ${wanted[at]} within ${tolerance * largest}`,
  );
}

/** What a golden case of nn.json holds: output, gradient of the input and of the parameters. */
export interface GoldenCase {
  readonly output: string;
  readonly input: string;
  readonly parameters: { readonly [name: string]: string };
}

/** Compares a function of parameters and an input, and all of its gradients, with a golden case. */
export function assertCase<P extends Parameters>(
  expected: GoldenCase,
  parameters: P,
  inputShape: number[],
  forward: (parameters: P, input: tf.Tensor) => tf.Tensor,
): void {
  const tree = filled(parameters), named = namedTensors(tree);
  const x = fill(inputShape, 90);
  const output = forward(tree, x);
  assertClose(output, expected.output, 2e-6, "output");
  const inputs = [x, ...named.map(([, tensor]) => tensor)];
  const direction = fill(output.shape, 91);
  const [first, ...rest] = tf.grads((x, ...tensors) =>
    tf.sum(
      tf.mul(
        forward(
          fromNamedTensors(named.map(([name], i) => [name, tensors[i]!] as const)) as P,
          x!,
        ),
        direction,
      ),
    )
  )(inputs);
  assertClose(first!, expected.input, 2e-5, "gradient of the input");
  assertEquals(named.map(([name]) => name), Object.keys(expected.parameters).sort());
  named.forEach(([name], i) => {
    assertClose(rest[i]!, expected.parameters[name]!, 2e-5, `gradient of ${name}`);
  });
}
