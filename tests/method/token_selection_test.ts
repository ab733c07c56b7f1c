import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { keptPatches, pickPatches } from "../../lib/method/token_selection.ts";
import "../pure_backend_fixture.ts";

Deno.test("the gradient of kept patches goes to them alone, by kernels that every engine has", async () => {
  const grid = [4, 3] as const, width = 2, stride = 2;
  const patch = tf.tensor3d([...Array(2 * 12 * width).keys()], [2, 12, width]);
  const kept = keptPatches(grid, stride);
  const weights = tf.add(tf.range(0, 2 * kept.length * width), 1).reshape([2, kept.length, width]);
  let gradient: Float32Array | undefined;
  const { kernelNames } = await tf.profile(() => {
    const loss = (x: tf.Tensor) =>
      tf.sum(tf.mul(pickPatches(x as tf.Tensor3D, grid, stride), weights));
    const result = tf.grad(loss)(patch);
    gradient = result.dataSync<"float32">();
    return result;
  });
  const expected = new Float32Array(patch.size), values = weights.dataSync();
  for (const image of [0, 1]) {
    kept.forEach((place, i) => {
      for (let at = 0; at < width; at++) {
        expected[(image * 12 + place) * width + at] =
          values[(image * kept.length + i) * width + at]!;
      }
    });
  }
  assertEquals(gradient, expected);
  // The wasm engine has no kernel that adds up segments, which gather's own gradient needs.
  assertEquals(kernelNames.filter((name) => name.includes("Segment")), []);
});
