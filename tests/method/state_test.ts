import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../lib/errors/user_error.ts";
import { initState, stateFromHost, stateToHost } from "../../lib/method/state.ts";
import { layoutOf } from "../../lib/tensors/parameters.ts";
import "../pure_backend_fixture.ts";

const grid = [1, 1] as const;
const shape = {
  teachers: [{ name: "a", width: 2, tokens: ["cls"], grid }],
  standardizer: "ema",
  averages: true,
} as const;
const layout = layoutOf({ weight: tf.ones([1, 3]) });

/** A state in which every number differs. */
async function host() {
  const fresh = initState(tf.tensor1d([1, 2, 3]), shape);
  const { tensors } = fresh;
  const changed = {
    ...tensors,
    adam: { first: tf.tensor1d([4, 5, 6]), second: tf.tensor1d([7, 8, 9]) },
    averages: tf.tensor1d([10]),
  };
  return await stateToHost({ step: 5, tensors: changed }, layout);
}

Deno.test("a state comes back number by number", async () => {
  const { step, tensors } = stateFromHost(await host(), 5, layout, shape);
  assertEquals(step, 5);
  assertEquals([...tensors.parameters.dataSync()], [1, 2, 3]);
  assertEquals([...tensors.adam.first.dataSync()], [4, 5, 6]);
  assertEquals([...tensors.adam.second.dataSync()], [7, 8, 9]);
  assertEquals([...tensors.averages!.dataSync()], [10]);
  assertEquals([...tensors.statistics.a!.cls!.mean.dataSync()], [0, 0]);
  assertEquals([...tensors.statistics.a!.cls!.std.dataSync()], [1, 1]);
});

Deno.test("a tensor that is missing or has another shape is named", async () => {
  const missing = await host();
  missing.delete("adam.second.weight");
  assertThrows(
    () => stateFromHost(missing, 5, layout, shape),
    UserError,
    'tensor "adam.second.weight" is missing, expected [1,3]',
  );
  const turned = await host();
  turned.set("weight", { shape: [3, 1], data: Float32Array.of(1, 2, 3) });
  assertThrows(() => stateFromHost(turned, 5, layout, shape), UserError, '"weight" is [3,1]');
});
