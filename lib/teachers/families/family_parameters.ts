import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { fromNamedTensors } from "../../tensors/parameters.ts";
import { assertFiniteWeights } from "../../weights/assert_finite_weights.ts";
import type { CheckpointTensors, ExpectedTensor } from "./checkpoint_tensors.ts";
import type { FrozenTransformerParameters } from "../frozen_transformer.ts";

/**
 * Reads the parameters of a frozen transformer. Where a tensor is refused, none stays in memory.
 *
 * @param expected Tensors that are known to be in the file, with these shapes.
 * @param features What else the features depend on; part of the digest, as the numbers are.
 * @throws {UserError} Where a number is not finite.
 */
export function readParameters(
  checkpoint: CheckpointTensors,
  expected: readonly ExpectedTensor[],
  features: readonly unknown[],
): { readonly parameters: FrozenTransformerParameters; readonly digest: string } {
  const hash = createHash("sha256");
  hash.update(JSON.stringify(["transformer features 1", ...features]));
  const parameters = tf.tidy(() => {
    const entries = expected.map((entry) => {
      const where = { name: entry.from, source: checkpoint.source };
      const values = assertFiniteWeights(checkpoint.read(entry.from), where);
      hash.update(entry.to);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      const shape = [...checkpoint.tensors.get(entry.from)?.shape ?? []];
      return [entry.to, tf.tidy(() => arrange(tf.tensor(values, shape), entry.as))] as const;
    });
    // The names are those that the families map to, whose type this is.
    return fromNamedTensors(entries) as FrozenTransformerParameters;
  });
  return { parameters, digest: hash.digest("hex") };
}

function arrange(tensor: tf.Tensor, as: ExpectedTensor["as"]): tf.Tensor {
  switch (as) {
    case "vector":
      return tensor;
    case "rows":
      return tf.reshape(tensor, [-1, tensor.shape.at(-1) ?? 1]);
    case "matrix":
      return tf.transpose(tensor);
    case "convolution": {
      const turned = tf.transpose(tensor, [2, 3, 1, 0]);
      return tf.reshape(turned, [-1, tensor.shape[0] ?? 1]);
    }
  }
}
