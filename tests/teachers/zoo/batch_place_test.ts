/**
 * What the feature cache rests on: the bits of a feature depend on its image alone. With oneDNN, which
 * computes on every x86-64, they do; with TensorFlow's other kernels they do not.
 */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";

await startEngine();

for (const name of ["resnet20_cifar10", "specialist_digits"]) {
  const title = `${name}: the same features wherever an image stands in its batch`;
  Deno.test({
    name: title,
    ignore: Deno.build.arch !== "x86_64",
    fn: async () => {
      const batch = 16, pixels = 32 * 32 * 3;
      const numbers = randomStream(3).uniform(batch * pixels);
      const turned = new Float32Array(numbers.length); // image i moves to batch - 1 - i
      for (let i = 0; i < batch; i++) {
        turned.set(numbers.subarray(i * pixels, (i + 1) * pixels), (batch - 1 - i) * pixels);
      }
      const teacher = await loadTeacher(name);
      const images = [numbers, turned].map((data) => tf.tensor4d(data, [batch, 32, 32, 3]));
      const ask = compile((x: tf.Tensor4D) => teacher.features(x), [images[0]!], { mode: "graph" });
      const [straight, back] = [await ask(images[0]!), await ask(images[1]!)];
      for (const token of ["cls", "patch"] as const) {
        const expected = tf.reverse(straight[token]!, 0);
        assertEquals(await back[token]!.data(), await expected.data(), token);
        expected.dispose();
      }
      tf.dispose([images, straight, back]);
      ask.dispose();
      teacher.dispose();
    },
  });
}
