/** The training step of a specialist: the cross-entropy of its tokens, and its gradient. */
import * as tf from "@tensorflow/tfjs";
import { valueAndGradient } from "../../tensors/gradient.ts";
import type { LinearParameters } from "../../nn/linear.ts";
import { linear } from "../../nn/linear.ts";
import {
  encode,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "../../nn/vision_transformer.ts";
import type { Layout } from "../../tensors/parameters.ts";

/** An encoder with a classifier on its tokens: how a specialist is trained before it teaches. */
export type SpecialistParameters = {
  readonly encoder: VisionTransformerParameters;
  readonly head: LinearParameters;
};

/** Targets of the tokens of a batch; rows sum to 1, or to 0 where there is nothing to be learnt. */
export type LessonTensors = {
  /** `[batch, outputs]`. */
  readonly cls: tf.Tensor2D;
  /** `[batch, tokens, outputs]`; without it the mean of the patch tokens learns what CLS learns. */
  readonly patch?: tf.Tensor3D;
};

/**
 * Cross-entropy of a labelled batch and its gradient; pure.
 *
 * @param flat parameters `[size]`
 * @param images `[batch, height, width, 3]`, normalised
 * @param targets CLS and patches weigh the same, however many patches there are
 * @returns the gradient `[size]` and `report`: loss and accuracy, which is the share of tokens whose
 *   likeliest output is the target's
 */
export function specialistGradients(
  flat: tf.Tensor1D,
  images: tf.Tensor4D,
  targets: LessonTensors,
  { encoder, layout }: {
    readonly encoder: VisionTransformerConfig;
    readonly layout: Layout<SpecialistParameters>;
  },
): { gradients: tf.Tensor1D; report: tf.Tensor1D } {
  const { value, gradient, others } = valueAndGradient(
    (parameters) => {
      const { cls, patch } = encode(parameters.encoder, images, encoder);
      // One classifier reads both kinds of tokens that a student will learn from.
      const ofCls = crossEntropy(parameters.head, cls, targets.cls);
      const ofPatch = targets.patch === undefined
        ? crossEntropy(parameters.head, tf.mean<tf.Tensor2D>(patch, 1), targets.cls)
        : crossEntropy(parameters.head, rows(patch), rows(targets.patch));
      return {
        value: tf.mul(0.5, tf.add(ofCls.loss, ofPatch.loss)),
        others: { accuracy: tf.mul(0.5, tf.add(ofCls.accuracy, ofPatch.accuracy)) },
      };
    },
    flat,
    layout,
  );
  return { gradients: gradient, report: tf.stack([value, others.accuracy]) as tf.Tensor1D };
}

/** `[batch, tokens, width]` as `[batch * tokens, width]`. */
function rows(tokens: tf.Tensor3D): tf.Tensor2D {
  return tf.reshape(tokens, [-1, tokens.shape[2]]);
}

function crossEntropy(
  head: LinearParameters,
  tokens: tf.Tensor2D,
  targets: tf.Tensor2D,
): { loss: tf.Scalar; accuracy: tf.Scalar } {
  const logits = linear(head, tokens);
  const weight = tf.sum(targets, 1), total = tf.sum(weight);
  const right = tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(targets, 1)), "float32");
  return {
    loss: tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(logits))), total)),
    accuracy: tf.div(tf.sum(tf.mul(right, weight)), total),
  };
}
