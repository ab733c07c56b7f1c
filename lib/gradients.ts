import * as tf from "@tensorflow/tfjs";
import { fromNamedTensors, type Layout, type Parameters } from "./parameters.ts";

/** What a loss function gives back: the scalar to minimise, and tensors to look at. */
export interface LossResult {
  readonly loss: tf.Scalar;
  /** Values computed on the way (losses per teacher, shares, …); no gradient is needed of them. */
  readonly auxiliary: readonly tf.Tensor[];
}

/**
 * Loss, auxiliary values and the gradient of the loss with respect to one flat parameter buffer.
 *
 * The leaves of the differentiation are the named tensors, not the buffer: the gradient of a slice
 * is a zero-padded array of the whole buffer's size, and there are hundreds of slices. Tensors that
 * the loss does not use get a zero gradient (the student's final norm in training, for example).
 *
 * @param loss pure function of the named parameters
 * @param flat parameters `[size]`
 * @param layout where each tensor lies in the buffer
 * @returns `gradients [size]` in the order of the layout
 *
 * @example
 * ```ts
 * import { layoutOf, pack, startEngine, valueAndGradients } from "@hashigo/hashigo";
 * import * as tf from "@tensorflow/tfjs";
 * await startEngine();
 * const parameters = { weight: tf.tensor2d([[1, 2]]), unused: tf.tensor1d([5]) };
 * const layout = layoutOf(parameters);
 * const { gradients } = valueAndGradients(
 *   (p) => ({ loss: tf.sum(tf.square(p.weight as tf.Tensor)) as tf.Scalar, auxiliary: [] }),
 *   pack(parameters, layout),
 *   layout,
 * );
 * console.log(gradients.arraySync()); // [2, 4, 0]
 * ```
 */
export function valueAndGradients(
  loss: (parameters: Parameters) => LossResult,
  flat: tf.Tensor1D,
  layout: Layout,
): { loss: tf.Scalar; auxiliary: tf.Tensor[]; gradients: tf.Tensor1D } {
  const leaves = layout.entries.map((entry) =>
    tf.reshape(tf.slice(flat, [entry.offset], [entry.size]), [...entry.shape])
  );
  let kept: tf.Tensor[] = [];
  const forward = (): tf.Scalar => {
    const parameters = fromNamedTensors(
      layout.entries.map((entry, i) => [entry.name, leaves[i] as tf.Tensor] as const),
    );
    const result = loss(parameters);
    kept = result.auxiliary.map((tensor) => tf.keep(tensor));
    return result.loss;
  };
  const { value, grads } = tf.engine().gradients(forward, leaves, undefined, true);
  // `keep` outlives every scope; hand over clones that the caller's scope owns.
  const auxiliary = kept.map((tensor) => tf.clone(tensor));
  tf.dispose(kept);
  const gradients = tf.concat(
    layout.entries.map((entry, i) => {
      const gradient: tf.Tensor | undefined | null = grads[i];
      return gradient ? tf.reshape(gradient, [entry.size]) : tf.zeros([entry.size]);
    }),
  ) as tf.Tensor1D;
  return { loss: value as tf.Scalar, auxiliary, gradients };
}
