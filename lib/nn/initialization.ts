/**
 * How the matrices of linear layers begin.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromNamedTensors, namedTensors, type Parameters } from "../tensors/parameters.ts";
import { initialStd } from "./linear.ts";

/**
 * Initial standard deviation of the matrices of linear layers: 0.02 for every size (`"fixed"`, the
 * reference's, meant for widths around 768), or `0.8 / sqrt(inputs)` (`"scaled"`), which keeps
 * signals alive in narrow networks: at width 128 a fixed 0.02 leaves attention and MLPs almost
 * silent, and training begins with a long plateau.
 */
export type Initialization = "fixed" | "scaled";

/** Deviation of `"scaled"` as a share of the one that keeps the variance, `1 / sqrt(inputs)`. */
const scaledStart = 0.8;

/**
 * Scales freshly drawn matrices (`….weight [inputs, outputs]`) from the fixed deviation to the
 * scaled one. The matrices that were passed in are disposed of.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initLinear } from "@hashigo/hashigo/nn";
 * import { scaleInitialization } from "./initialization.ts";
 * await startEngine();
 * const { weight } = initLinear({ inputs: 64, outputs: 64 }, randomStream(0));
 * const { layer } = scaleInitialization({ layer: { weight } });
 * if (layer.weight.shape.join() !== "64,64") throw new Error("Expected the same shape");
 * ```
 */
export function scaleInitialization<P extends Parameters>(parameters: P): P {
  const scaled = namedTensors(parameters).map(([name, tensor]) => {
    if (!name.endsWith("weight") || tensor.rank !== 2) return [name, tensor] as const;
    const factor = scaledStart / Math.sqrt(tensor.shape[0] ?? 1) / initialStd;
    const grown = tf.mul(tensor, factor);
    tensor.dispose();
    return [name, grown] as const;
  });
  // Names and shapes are those of the parameters.
  return fromNamedTensors(scaled) as P;
}
