/** Fits a layer to what is still missing after it was pruned. */
import * as tf from "@tensorflow/tfjs";
import { choleskyFactor, solveInPlace } from "../../tensors/cholesky.ts";
import { notFinite, penaltyOf } from "./compensation.ts";
import { covariance, secondMoments } from "./second_moments.ts";

/** Share of the mean second moment by which a correction is held back: it has more to learn than there is. */
const ridge = 0.03;

/** Inputs of a linear layer, and what its outputs lack. */
export interface LackingLayer {
  /** Batches of both. */
  readonly batches: number;
  /** Inputs `[..., inputs]` of a batch. */
  readonly inputs: (batch: number) => tf.Tensor;
  /** What the outputs lack, `[..., outputs]`, of the same rows. */
  readonly lacking: (batch: number) => tf.Tensor;
}

/**
 * What is to be added to the weight and the bias of a linear layer, so that its outputs lack least in the mean square:
 * a ridge regression of what they lack on the inputs.
 *
 * @returns weight `[inputs, outputs]`, bias `[outputs]`
 * @throws {UserError} Where numbers are not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { correctionOf } from "./correct_layer.ts";
 * await startEngine();
 * // Outputs lack 1 everywhere, which a bias makes up for.
 * const { weight, bias } = await correctionOf({
 *   batches: 1,
 *   inputs: () => tf.tensor2d([[1], [2]]),
 *   lacking: () => tf.ones([2, 1]),
 * });
 * if (weight[0] !== 0 || bias[0] !== 1) throw new Error("Expected a bias alone");
 * ```
 */
export async function correctionOf(
  { batches, inputs: inputsOf, lacking }: LackingLayer,
): Promise<{ weight: Float32Array; bias: Float32Array }> {
  let inputs = 0;
  const moments = await secondMoments(batches, (batch) => {
    const [own, rest] = [inputsOf(batch), lacking(batch)];
    inputs = own.shape.at(-1)!;
    return tf.concat([own, rest], -1);
  });
  const { width, mean } = moments, outputs = width - inputs, all = covariance(moments);
  const products = new Float64Array(inputs * inputs), weight = new Float64Array(inputs * outputs);
  for (let row = 0; row < inputs; row++) {
    products.set(all.subarray(row * width, row * width + inputs), row * inputs);
    weight.set(all.subarray(row * width + inputs, (row + 1) * width), row * outputs);
  }
  const penalty = penaltyOf({ products, inputs, weight }, ridge);
  const factor = choleskyFactor(products, inputs, penalty);
  if (factor === undefined) throw notFinite(inputs);
  solveInPlace(factor, weight, inputs);
  const bias = Float64Array.from(mean.subarray(inputs));
  for (let row = 0; row < inputs; row++) {
    for (let output = 0; output < outputs; output++) {
      bias[output]! -= mean[row]! * weight[row * outputs + output]!;
    }
  }
  return { weight: Float32Array.from(weight), bias: Float32Array.from(bias) };
}
