import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Parameters } from "../../lib/tensors/parameters.ts";
import { namedTensors } from "../../lib/tensors/parameters.ts";
import type { Backbone } from "../../lib/teachers/backbone.ts";
import { pruneBackbone } from "../../lib/teachers/prune.ts";
import "../pure_backend_fixture.ts";

Deno.test("the smallest weights of every matrix become zero, vectors and biases stay", async () => {
  const parameters = {
    first: { weight: tf.tensor2d([[1, -4], [-2, 3]]), bias: tf.tensor1d([0.1, 0.2]) },
    norm: { weight: tf.tensor1d([0.1, 5]) },
    second: { weight: tf.tensor2d([[10, 20], [30, 40]]) },
  };
  let changed: Parameters = {};
  const withParameters = (parameters: Parameters) => {
    changed = parameters;
    return teacher;
  };
  const teacher = { parameters, withParameters } as unknown as Backbone;
  await pruneBackbone(teacher, 0.5);
  const values = namedTensors(changed).map(([name, tensor]) => [name, [...tensor.dataSync()]]);
  assertEquals(Object.fromEntries(values), {
    "first.bias": [0.1, 0.2].map(Math.fround),
    "first.weight": [0, -4, 0, 3],
    "norm.weight": [0.1, 5].map(Math.fround),
    "second.weight": [0, 0, 30, 40],
  });
  assertEquals(
    await pruneBackbone({ ...teacher, withParameters: undefined } as never, 0.5),
    undefined,
  );
});
