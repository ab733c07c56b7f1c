import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { adamW, gradientNorm, initAdam } from "../../lib/tensors/adamw.ts";
import {
  flatten,
  fromNamedTensors,
  layoutOf,
  namedTensors,
  unflatten,
} from "../../lib/tensors/parameters.ts";
import { assertClose, fill, fillValues, golden } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const tree = {
  bias: tf.tensor1d(fillValues(4, 2, 0.5)),
  weight: tf.tensor2d(fillValues(12, 1, 0.5), [3, 4]),
};
const layout = layoutOf(tree);

interface GoldenStep {
  readonly weight: string;
  readonly bias: string;
  readonly norm: number;
}

const cases = [["plain", {}], ["clipped", { maximumGradientNorm: 0.7 }]] as const;
for (const [which, limits] of cases) {
  Deno.test(`five ${which} updates equal torch.optim.AdamW (item 36)`, () => {
    let parameters = flatten(tree, layout), state = initAdam(layout);
    golden<{ [which: string]: GoldenStep[] }>("tensors/optimizer")[which]!.forEach(
      (expected, i) => {
        const gradients = flatten(
          { weight: fill([3, 4], 10 + i), bias: fill([4], 20 + i) },
          layout,
        );
        const inputs = { learningRate: tf.scalar(0.02 * (i + 1)), step: tf.scalar(i + 1) };
        const result = adamW(parameters, gradients, state, inputs, { layout, ...limits });
        ({ parameters, state } = result);
        const { weight, bias } = unflatten(parameters, layout);
        assertClose(weight, expected.weight, 2e-6, `weight after update ${i + 1}`);
        assertClose(bias, expected.bias, 2e-6, `bias after update ${i + 1}`);
        assertAlmostEquals(gradientNorm(gradients).dataSync()[0]!, expected.norm, 1e-5);
      },
    );
  });
}

Deno.test("groups of parameters: five updates equal torch's groups, frozen ones stay (item 36)", () => {
  const shapes: Record<string, number[]> = {
    "encoder.bias": [4],
    "encoder.weight": [3, 4],
    "frozen.weight": [2, 3],
    "ladder.bias": [3],
    "ladder.weight": [4, 3],
  };
  const named = (draw: (shape: number[], i: number) => tf.Tensor) =>
    fromNamedTensors(Object.entries(shapes).map(([name, shape], i) => [name, draw(shape, i)]));
  const start = (shape: number[], i: number) => tf.mul(fill(shape as [number], i), 0.5);
  const tree = named(start), layout = layoutOf(tree);
  const options = {
    layout,
    weightDecay: 0.5,
    maximumGradientNorm: 0.7,
    rates: (name: string) => name.startsWith("encoder.") ? 0.1 : name.startsWith("frozen.") ? 0 : 1,
    decays: (name: string) => !name.startsWith("encoder."),
  };
  let parameters = flatten(tree, layout), state = initAdam(layout);
  const steps = golden<{ groups: Record<string, string>[] }>("tensors/optimizer").groups;
  steps.forEach((expected, step) => {
    const gradients = flatten(
      named((shape, i) => fill(shape as [number], 10 * (i + 1) + step)),
      layout,
    );
    const inputs = { learningRate: tf.scalar(0.02 * (step + 1)), step: tf.scalar(step + 1) };
    ({ parameters, state } = adamW(parameters, gradients, state, inputs, options));
    for (const [name, tensor] of namedTensors(unflatten(parameters, layout))) {
      assertClose(tensor, expected[name]!, 2e-6, `${name} after update ${step + 1}`);
    }
  });
  const frozen = new Map(namedTensors(unflatten(parameters, layout))).get("frozen.weight")!;
  assertEquals(frozen.dataSync(), start([2, 3], 2).dataSync());
});

Deno.test("a first update by hand: the matrix decays, the vector does not (item 36)", () => {
  const small = { bias: tf.tensor1d([2]), weight: tf.tensor2d([[2]]) }, layout = layoutOf(small);
  const inputs = { learningRate: tf.scalar(0.1), step: tf.scalar(1) };
  const gradients = flatten({ bias: tf.tensor1d([-3]), weight: tf.tensor2d([[4]]) }, layout);
  const { parameters, state } = adamW(
    flatten(small, layout),
    gradients,
    initAdam(layout),
    inputs,
    { layout, weightDecay: 0.5 },
  );
  // The first update moves by the learning rate against the gradient's sign.
  assertClose(parameters, [2 * (1 - 0.1 * 0.5) - 0.1, 2 + 0.1], 1e-6);
  assertClose(state.first, [0.4, -0.3], 1e-6);
  assertClose(state.second, [0.16, 0.09], 1e-6);
  assertAlmostEquals(gradientNorm(gradients).dataSync()[0]!, 5, 1e-6);
});

Deno.test("vectors without gradient stay exactly as they are (item 37)", () => {
  let parameters = flatten(tree, layout), state = initAdam(layout);
  for (let step = 1; step <= 3; step++) {
    const inputs = { learningRate: tf.scalar(0.1), step: tf.scalar(step) };
    const gradients = flatten({ weight: fill([3, 4], step), bias: tf.zeros([4]) }, layout);
    ({ parameters, state } = adamW(parameters, gradients, state, inputs, { layout }));
  }
  assertEquals(unflatten(parameters, layout).bias.dataSync(), tree.bias.dataSync());
});

Deno.test("buffers that decay wholly or not at all", () => {
  const inputs = { learningRate: tf.scalar(1), step: tf.scalar(1) };
  for (const [tree, kept] of [[{ a: tf.ones([2, 1]) }, 0.75], [{ a: tf.ones([2]) }, 1]] as const) {
    const layout = layoutOf<{ a: tf.Tensor }>(tree), zeros = tf.zeros<tf.Rank.R1>([2]);
    const options = { layout, weightDecay: 0.25 };
    const { parameters } = adamW(flatten(tree, layout), zeros, initAdam(layout), inputs, options);
    assertEquals([...parameters.dataSync()], [kept, kept]);
  }
});

Deno.test("a gradient shorter than the limit stays as it is, a longer one has that length", () => {
  const layout = layoutOf({ a: tf.ones([2]) }), zeros = tf.zeros<tf.Rank.R1>([2]);
  const inputs = { learningRate: tf.scalar(1), step: tf.scalar(1) };
  for (const [limit, first] of [[10, [0.3, 0.4]], [1, [0.06, 0.08]]] as const) {
    const options = { layout, maximumGradientNorm: limit };
    const { state } = adamW(zeros, tf.tensor1d([3, 4]), initAdam(layout), inputs, options);
    assertClose(state.first, [...first], 1e-6);
    assertClose(state.second, first.map((value) => value ** 2), 1e-6);
  }
});
