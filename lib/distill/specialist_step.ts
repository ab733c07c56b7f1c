import * as tf from "@tensorflow/tfjs";
import { valueAndGradient } from "../gradient.ts";
import type { LinearParameters } from "../nn/linear.ts";
import { linear } from "../nn/linear.ts";
import {
  encode,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "../nn/vision_transformer.ts";
import type { Layout } from "../parameters.ts";

/** An encoder with a classifier on its tokens: how a specialist is trained before it teaches. */
export type SpecialistParameters = {
  readonly encoder: VisionTransformerParameters;
  readonly head: LinearParameters;
};

/**
 * Cross-entropy of a labelled batch and its gradient; pure.
 *
 * @param flat parameters `[size]`
 * @param images `[batch, height, width, 3]`, normalised
 * @param labels `[batch, classes]`, rows that sum to 1
 * @returns the gradient `[size]` and `report`: loss and accuracy
 */
export function specialistGradients(
  flat: tf.Tensor1D,
  images: tf.Tensor4D,
  labels: tf.Tensor2D,
  { encoder, layout }: {
    readonly encoder: VisionTransformerConfig;
    readonly layout: Layout<SpecialistParameters>;
  },
): { gradients: tf.Tensor1D; report: tf.Tensor1D } {
  const { value, gradient, others } = valueAndGradient(
    (parameters) => {
      const { cls, patch } = encode(parameters.encoder, images, encoder);
      // One classifier reads both kinds of tokens that a student will learn from.
      const tokens = tf.concat([cls, tf.mean<tf.Tensor2D>(patch, 1)], 0);
      const logits = linear(parameters.head, tokens);
      const wanted = tf.concat([labels, labels], 0);
      const likelihood = tf.sum(tf.mul(wanted, tf.logSoftmax(logits)), 1);
      const right = tf.equal(tf.argMax(logits, 1), tf.argMax(wanted, 1));
      return {
        value: tf.neg(tf.mean(likelihood)),
        others: { accuracy: tf.mean(tf.cast(right, "float32")) },
      };
    },
    flat,
    layout,
  );
  return { gradients: gradient, report: tf.stack([value, others.accuracy]) as tf.Tensor1D };
}

/** Class numbers to rows `[batch, classes]` that sum to 1, with a part spread over all classes. */
export function smoothLabels(
  labels: ArrayLike<number>,
  classes: number,
  smoothing: number,
): Float32Array {
  const rows = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let i = 0; i < labels.length; i++) {
    const place = i * classes + (labels[i] ?? 0);
    rows[place] = (rows[place] ?? 0) + 1 - smoothing;
  }
  return rows;
}
