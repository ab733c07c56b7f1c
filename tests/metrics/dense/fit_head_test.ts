import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { fitHead } from "../../../lib/metrics/dense/fit_head.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

type Head = { readonly a: tf.Tensor1D };
type Batch = { readonly x: tf.Tensor1D };
const random = randomStream(0);

/** Fits a number whose slope is that of the batch, and returns it with the places of each batch. */
async function fitted(steps: number, slope = 1) {
  const places: number[][] = [];
  const { a } = await fitHead(
    { a: tf.tensor1d([0]) },
    ({ a }: Head, { x }: Batch) => tf.sum(tf.mul(a, tf.sum(x))) as tf.Scalar,
    (chosen): Batch => {
      places.push([...chosen]);
      return { x: tf.tensor1d([slope]) };
    },
    { images: 4, batchSize: 2, steps, learningRate: 0.5, random },
  );
  const [value] = await a.data();
  a.dispose();
  return { value: value!, places };
}

Deno.test("a first update moves by the learning rate, a second by half of it", async () => {
  // With a constant slope Adam's corrected steps are the rates of the cosine: 0.5, then 0.25.
  assertAlmostEquals((await fitted(1)).value, -0.5, 1e-5);
  assertAlmostEquals((await fitted(2)).value, -0.75, 1e-5);
});

Deno.test("every pass sees every image once, in an order of its own", async () => {
  const { places } = await fitted(12);
  const passes = Array.from({ length: 6 }, (_, i) => places.slice(2 * i, 2 * i + 2).flat());
  for (const pass of passes) assertEquals(pass.toSorted(), [0, 1, 2, 3]);
  assert(new Set(passes.map(String)).size > 1, "another order in some pass");
});

Deno.test("a loss that is not finite ends the fit", async () => {
  await assertRejects(() => fitted(3, NaN), UserError, "not finite after 0 updates");
});
