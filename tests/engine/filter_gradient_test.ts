/** The gradient of filters of one place that skip places, which oneDNN's own gets wrong on some processors. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../lib/engine/backend.ts";
import { compile } from "../../lib/engine/compiler/compile.ts";
import { assertClose, fill } from "../golden_values_fixture.ts";

await startEngine();

interface Case {
  readonly side: number;
  readonly channelsIn: number;
  readonly strides: [number, number];
  readonly pad: "same" | "valid";
}

const channelsOut = 5, batch = 2;

function gradientOf({ strides, pad }: Case, x: tf.Tensor4D, filter: tf.Tensor): tf.Tensor {
  return tf.grad((filter) => tf.sum(tf.square(tf.conv2d(x, filter as tf.Tensor4D, strides, pad))))(
    filter,
  );
}

/** Twice the sum of what a place showed times what the convolution made of it. */
function byHand(
  { side, channelsIn, strides: [down, right] }: Case,
  x: Float32Array,
  filter: Float32Array,
) {
  const gradient = new Array<number>(channelsIn * channelsOut).fill(0);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < side; row += down) {
      for (let column = 0; column < side; column += right) {
        const at = ((image * side + row) * side + column) * channelsIn;
        for (let to = 0; to < channelsOut; to++) {
          let output = 0;
          for (let from = 0; from < channelsIn; from++) {
            output += x[at + from]! * filter[from * channelsOut + to]!;
          }
          for (let from = 0; from < channelsIn; from++) {
            gradient[from * channelsOut + to]! += 2 * output * x[at + from]!;
          }
        }
      }
    }
  }
  return gradient;
}

const cases: readonly Case[] = ([3, 8, 16, 24] as const).flatMap((channelsIn) => [
  { side: 8, channelsIn, strides: [2, 2], pad: "same" },
  { side: 7, channelsIn, strides: [2, 2], pad: "valid" },
  { side: 7, channelsIn, strides: [3, 3], pad: "same" },
  { side: 6, channelsIn, strides: [1, 2], pad: "valid" },
]);

Deno.test("filters of one place that skip places: the gradient is that of the places that they see", async () => {
  for (const one of cases) {
    const x = fill<tf.Rank.R4>([batch, one.side, one.side, one.channelsIn], 1);
    const filter = fill<tf.Rank.R4>([1, 1, one.channelsIn, channelsOut], 2);
    const numbers = (tensor: tf.Tensor) => tensor.dataSync<"float32">() as Float32Array;
    const expected = byHand(one, numbers(x), numbers(filter));
    const eager = gradientOf(one, x, filter);
    assertClose(eager, expected, 1e-5, JSON.stringify(one));
    const graph = compile(
      (x: tf.Tensor4D, filter: tf.Tensor4D) => gradientOf(one, x, filter),
      [x, filter],
    );
    const compiled = await graph(x, filter);
    assertClose(compiled, expected, 1e-5, `as a graph, ${JSON.stringify(one)}`);
    graph.dispose();
    tf.dispose([x, filter, eager, compiled]);
  }
});

Deno.test("oneDNN never sees such a filter; all others go to it as they are", async () => {
  const kernels = async (size: number, stride: number) => {
    const x = fill<tf.Rank.R4>([1, 8, 8, 8], 1), filter = fill<tf.Rank.R4>([size, size, 8, 4], 2);
    const { kernels } = await tf.profile(() =>
      tf.tidy(() => {
        tf.grad((filter) => tf.sum(tf.conv2d(x, filter as tf.Tensor4D, stride, "same")))(filter);
      })
    );
    tf.dispose([x, filter]);
    return kernels.map(({ name }) => name).filter((name) => name === "StridedSlice").length;
  };
  assertEquals(await kernels(1, 2), 1);
  assertEquals(await kernels(1, 1), 0);
  assertEquals(await kernels(3, 2), 0);
});
