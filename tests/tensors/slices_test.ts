import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { adamW, gradientNorm, initAdam } from "../../lib/tensors/adamw.ts";
import { arrangeTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { sliceLayout, sliceOf, slicesOf, takeSlice } from "../../lib/tensors/slices.ts";
import "../pure_backend_fixture.ts";

const layout = arrangeTensors([
  ["encoder.a.weight", [3, 2]],
  ["encoder.b.bias", [4]],
  ["heads.c.weight", [2, 2]],
  ["heads.d.bias", [3]],
]);
const values = (seed: number) => tf.tensor1d(randomStream(seed).normal(layout.size));

for (const slices of [1, 2, 3, 4, 20]) {
  Deno.test(`${slices} slices, one after the other, are the buffer and zeros behind its end`, async () => {
    const flat = values(1), parts: number[] = [];
    const rows = await slicesOf(flat, slices).array();
    for (let rank = 0; rank < slices; rank++) {
      const slice = sliceOf(layout.size, { rank, size: slices });
      assertEquals(slice.from, parts.length);
      const own = await takeSlice(flat, slice).array();
      assertEquals(own, rows[rank]);
      parts.push(...own);
    }
    const expected = await flat.array();
    assertEquals(parts.slice(0, layout.size), expected);
    assertEquals(parts.slice(layout.size), parts.slice(layout.size).map(() => 0));
  });

  Deno.test(`updates of ${slices} slices are those of the whole buffer, bit for bit`, async () => {
    const options = {
      weightDecay: 0.2,
      decays: (name: string) => name.startsWith("heads."),
      rates: (name: string) =>
        name === "encoder.a.weight" ? 0 : name.startsWith("heads.") ? 1 : 0.5,
      maximumGradientNorm: 0.5,
    };
    // Of a tensor that is frozen the gradient is zero.
    const gradient = tf.mul<tf.Tensor1D>(values(2), [0, 0, 0, 0, 0, 0, ...Array(11).fill(1)]);
    const inputs = { learningRate: tf.scalar(0.1), step: tf.scalar(1) };
    const whole = adamW(values(1), gradient, initAdam(layout), inputs, { layout, ...options });
    const expected = [whole.parameters, whole.state.first, whole.state.second];
    assert((await gradientNorm(gradient).array()) > 0.5, "the limit must bind");
    for (let rank = 0; rank < slices; rank++) {
      const slice = sliceOf(layout.size, { rank, size: slices }), own = sliceLayout(layout, slice);
      const { parameters, state } = adamW(
        takeSlice(values(1), slice),
        takeSlice(gradient, slice),
        initAdam(slice),
        { ...inputs, norm: gradientNorm(gradient) },
        { layout: own, ...options },
      );
      for (const [i, tensor] of [parameters, state.first, state.second].entries()) {
        assertEquals(await tensor.array(), await takeSlice(expected[i]!, slice).array());
      }
    }
  });
}

Deno.test("a tensor that a slice cuts is there in part, and what decays is counted", () => {
  const { entries, decayed, size } = sliceLayout(layout, { from: 4, size: 8 });
  assertEquals(entries.map(({ name, offset, size, decay }) => [name, offset, size, decay]), [
    ["encoder.a.weight", 0, 2, true],
    ["heads.c.weight", 2, 4, true],
    ["encoder.b.bias", 6, 2, false],
  ]);
  assertEquals([decayed, size], [6, 8]);
  // Behind the end there is nothing.
  const { entries: none, decayed: no } = sliceLayout(layout, { from: 20, size: 4 });
  assertEquals([none.length, no], [0, 0]);
});
