import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type Mode } from "../../../lib/engine/compiler/compile.ts";
import { disposeTree } from "../../../lib/engine/compiler/tree.ts";
import { testWithTensorFlow } from "../with_tensorflow_fixture.ts";

/** Two layers, a softmax and the gradients of a loss. */
function network(input: { images: tf.Tensor; weights: readonly [tf.Tensor, tf.Tensor] }) {
  const { value, grads } = tf.valueAndGrads((first: tf.Tensor, second: tf.Tensor) =>
    input.images.matMul(first).elu().matMul(second).softmax().square().sum() as tf.Scalar
  )([...input.weights]);
  return { loss: value as tf.Tensor, gradients: grads as tf.Tensor[] };
}

function exampleInput() {
  return {
    images: tf.randomNormal([4, 8], 0, 1, "float32", 1),
    weights: [
      tf.randomNormal([8, 6], 0, 1, "float32", 2),
      tf.randomNormal([6, 5], 0, 1, "float32", 3),
    ] as const,
  };
}

const tolerances = { float32: 1e-5, bfloat16: 3e-2 };

for (const mode of ["eager", "graph", "xla"] as Mode[]) {
  for (const precision of ["float32", "bfloat16"] as const) {
    testWithTensorFlow(
      `a network in ${mode} mode and ${precision} equals plain tfjs`,
      async (t) => {
        const input = exampleInput();
        const expected = network(input);
        const tensors = tf.memory().numTensors, handles = t.liveHandles();
        const compiled = compile(network, [input], { mode, precision });
        const result = await compiled(input);
        assertAlmostEquals(
          result.loss.dataSync()[0]!,
          expected.loss.dataSync()[0]!,
          tolerances[precision],
        );
        result.gradients.forEach((gradient, index) => {
          const values = expected.gradients[index]!.dataSync();
          gradient.dataSync().forEach((value, at) =>
            assertAlmostEquals(value, values[at]!, tolerances[precision])
          );
        });
        disposeTree(result);
        compiled.dispose();
        assertEquals(tf.memory().numTensors, tensors);
        assertEquals(t.liveHandles(), handles);
        disposeTree([expected, input]);
      },
    );
  }
}
