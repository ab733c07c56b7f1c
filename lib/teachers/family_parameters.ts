import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { fromNamedTensors } from "../parameters.ts";
import { UserError } from "../user_error.ts";
import type { CheckpointTensors, ExpectedTensor } from "./checkpoint_tensors.ts";
import type { FrozenTransformerParameters } from "./frozen_transformer.ts";

/**
 * Reads the parameters of a frozen transformer, in our layout. Where one is refused, nothing is left
 * behind.
 *
 * @param expected Tensors that are known to be in the file, with these shapes.
 * @param options.family Names the family in errors.
 * @param options.features What else the features depend on; goes into the digest with the numbers.
 * @throws {UserError} Where a number is not finite.
 */
export function readParameters(
  checkpoint: CheckpointTensors,
  expected: readonly ExpectedTensor[],
  options: { readonly family: string; readonly features: readonly unknown[] },
): { readonly parameters: FrozenTransformerParameters; readonly digest: string } {
  const hash = createHash("sha256");
  hash.update(JSON.stringify(["transformer features 1", ...options.features]));
  const parameters = tf.tidy(() => {
    const entries = expected.map((entry) => {
      const values = checkpoint.read(entry.from);
      checkFinite(values, entry.from, { source: checkpoint.source, family: options.family });
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

function checkFinite(
  values: Float32Array,
  name: string,
  { source, family }: { readonly source: string; readonly family: string },
): void {
  // A plain loop: a function for each of a hundred million numbers takes seconds.
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at === values.length) return;
  throw new UserError(
    `Cannot load "${source}" as "${family}": found ${
      values[at]
    } at number ${at} of "${name}", expected ` +
      "finite numbers. The file is damaged, or its training diverged: fetch it again, or take an " +
      "earlier one",
  );
}
