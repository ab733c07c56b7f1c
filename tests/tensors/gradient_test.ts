import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { valueAndGradient } from "../../lib/tensors/gradient.ts";
import { flatten, layoutOf } from "../../lib/tensors/parameters.ts";
import "../pure_backend_fixture.ts";

Deno.test("gradients are in the layout's order, zero for unused parameters, with the other tensors", () => {
  const tree = { c: tf.tensor1d([3]), b: tf.tensor1d([5]), a: tf.tensor2d([[2, 4]]) };
  const layout = layoutOf(tree), flat = flatten(tree, layout);
  const { value, gradient, others } = valueAndGradient(
    ({ a, c }) => {
      const squares = tf.square(a);
      return {
        value: tf.sum(tf.mul(squares, c)) as tf.Scalar,
        others: { squares, nested: { input: c } },
      };
    },
    flat,
    layout,
  );
  assertEquals([...value.dataSync()], [60]);
  assertEquals([...gradient.dataSync()], [12, 24, 0, 20]);
  assertEquals([...others.squares.dataSync()], [4, 16]);
  assertEquals([...others.nested.input.dataSync()], [3]);
});

Deno.test("frozen tensors have no gradient, and nothing is differentiated for them", () => {
  const tree = { a: tf.tensor1d([3]), b: tf.tensor1d([5]) }, layout = layoutOf(tree);
  let differentiated = 0;
  const counted = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy) => (differentiated++, dy),
  }));
  const gradientOf = (frozen?: (name: string) => boolean) =>
    valueAndGradient(
      ({ a, b }) => ({ value: tf.sum(tf.mul(counted(a), b)) as tf.Scalar, others: {} }),
      flatten(tree, layout),
      layout,
      frozen,
    ).gradient;
  assertEquals([...gradientOf((name) => name === "a").dataSync()], [0, 3]);
  assertEquals(differentiated, 0);
  assertEquals([...gradientOf().dataSync()], [5, 3]);
  assertEquals(differentiated, 1);
});

Deno.test("nothing is left behind in a scope", () => {
  const tree = { a: tf.tensor1d([3]) }, layout = layoutOf(tree), flat = flatten(tree, layout);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    valueAndGradient(
      ({ a }) => ({ value: tf.sum(a) as tf.Scalar, others: { a, double: tf.mul(a, 2) } }),
      flat,
      layout,
    );
  });
  assertEquals(tf.memory().numTensors, before);
});
