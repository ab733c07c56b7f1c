/** A layer that is cut down to some of its inputs. */
import * as tf from "@tensorflow/tfjs";
import { compensate, type MeasuredLayer, rowsOf } from "./compensation.ts";
import { covariance, type SecondMoments } from "./second_moments.ts";

/** A layer on inputs of which some go. */
export interface LayerToPrune {
  /** `[inputs, outputs]` on the host. */
  readonly weight: Float32Array;
  /** Moments of the inputs. */
  readonly moments: SecondMoments;
  /** Whether a bias takes up means; zeros around an image have none. */
  readonly centred: boolean;
  /** Factor of each output by which the layer's outputs count. Default ones. */
  readonly scale?: Float32Array | undefined;
}

/** A layer after its inputs were cut. */
export interface PrunedLayer {
  /** Numbers of the inputs that stay, rising. */
  readonly kept: readonly number[];
  /** `[kept, outputs]` */
  readonly weight: Float32Array;
  /** What is added to the bias, `[outputs]`, before the factors of outputs. */
  readonly shift: Float32Array;
}

/** The layer as its outputs count. */
export function measuredLayer({ weight, moments, centred, scale }: LayerToPrune): MeasuredLayer {
  const { width: inputs } = moments, outputs = weight.length / inputs;
  return {
    products: centred ? covariance(moments) : moments.products,
    weight: Float64Array.from(weight, (value, i) => value * (scale?.[i % outputs] ?? 1)),
    inputs,
  };
}

/**
 * Cuts a layer down to some of its inputs, into which the others are folded.
 *
 * @param kept Numbers of the inputs that stay, rising.
 * @param options compensated: false leaves the kept weights and the bias as they are.
 */
export function pruneLayer(
  layer: LayerToPrune,
  kept: readonly number[],
  { compensated = true }: { readonly compensated?: boolean | undefined } = {},
): PrunedLayer {
  const { centred, moments: { mean } } = layer;
  const plain = measuredLayer({ ...layer, scale: undefined });
  const outputs = plain.weight.length / plain.inputs;
  const result = compensated ? compensate(plain, kept) : rowsOf(plain.weight, kept, outputs);
  const before = timesMean(mean, plain.weight);
  const after = timesMean(Float64Array.from(kept, (input) => mean[input]!), result);
  const withMean = centred && compensated;
  return {
    kept,
    weight: Float32Array.from(result),
    shift: Float32Array.from(before, (value, i) => withMean ? value - after[i]! : 0),
  };
}

/** `mean [inputs]` through `weight [inputs, outputs]`. */
function timesMean(mean: Float64Array, weight: Float64Array): Float64Array {
  const outputs = weight.length / mean.length, sums = new Float64Array(outputs);
  mean.forEach((value, input) => {
    for (let output = 0; output < outputs; output++) {
      sums[output]! += value * weight[input * outputs + output]!;
    }
  });
  return sums;
}

/** The bias of a layer whose inputs were cut. */
export function shiftedBias(
  bias: tf.Tensor1D,
  shift: Float32Array,
  scale?: tf.Tensor1D,
): tf.Tensor1D {
  const added = tf.tensor1d(shift);
  return tf.add(bias, scale === undefined ? added : tf.mul(added, scale));
}
