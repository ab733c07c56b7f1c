/** Factors of channels that stand beside the weights of convolutions, as batch norm's do. */
import * as tf from "@tensorflow/tfjs";
import { type ConvolutionParameters, scaledWeight } from "./convolution_layer.ts";
import type { StagesParameters } from "./network.ts";

/**
 * The same network with or without factors of its channels: they are multiplied into the weights, or where it
 * has none are ones.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { withScales } from "./scales.ts";
 * await startEngine();
 * const layer = { weight: tf.ones<tf.Rank.R4>([1, 1, 1, 2]), bias: tf.zeros<tf.Rank.R1>([2]) };
 * const { stages } = withScales({ stages: { 0: { convolution: layer } } }, true);
 * if (stages[0]?.convolution?.scale?.shape[0] !== 2) throw new Error("Expected a factor for each channel");
 * ```
 */
export function withScales({ stages }: StagesParameters, scaled: boolean): StagesParameters {
  const changed = Object.entries(stages).map(([number, stage]) => {
    const layers = Object.entries(stage).map(([name, layer]) =>
      [name, scaled ? withScale(layer) : folded(layer)] as const
    );
    return [number, Object.fromEntries(layers)] as const;
  });
  return { stages: Object.fromEntries(changed) };
}

function withScale(layer: ConvolutionParameters): ConvolutionParameters {
  return { scale: tf.onesLike(layer.bias), ...layer };
}

function folded({ weight, bias, scale }: ConvolutionParameters): ConvolutionParameters {
  return { weight: scale === undefined ? weight : scaledWeight(weight, scale), bias };
}
