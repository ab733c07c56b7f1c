import * as tf from "@tensorflow/tfjs";
import { flatten, fromNamedTensors, type Layout, namedTensors, unflatten } from "./parameters.ts";
import type { Parameters } from "./parameters.ts";

/** Result of {@linkcode valueAndGradient}. */
export interface ValueAndGradient<A extends Parameters> {
  /** The loss. */
  readonly value: tf.Scalar;
  /** `[layout.size]`, zero where the loss does not use a parameter or it is frozen. */
  readonly gradient: tf.Tensor1D;
  /** Tensors that the loss function returned beside the loss. */
  readonly others: A;
}

/**
 * A loss and its gradient with respect to a flat buffer of parameters. Unlike `tf.valueAndGrads` it
 * allows parameters that the loss does not use, such as the student's final norm (their gradient is
 * zero), and lets the loss function return more tensors, to be logged.
 *
 * @param loss Returns the loss and a tree of other tensors, through which no gradient flows.
 * @param flat `[layout.size]`.
 * @param frozen Whether no gradient is computed for a tensor, by name. Default: for none.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { flatten, layoutOf, valueAndGradient } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const tree = { unused: tf.tensor1d([1]), used: tf.tensor1d([3]) };
 * const layout = layoutOf(tree);
 * const { gradient } = valueAndGradient(
 *   ({ used }) => ({ value: tf.sum(tf.square(used)).asScalar(), others: {} }),
 *   flatten(tree, layout),
 *   layout,
 * );
 * if ((await gradient.data()).join() !== "0,6") throw new Error("Expected 0 and 2 x 3");
 * ```
 */
export function valueAndGradient<P extends Parameters, A extends Parameters>(
  loss: (parameters: P) => { readonly value: tf.Scalar; readonly others: A },
  flat: tf.Tensor1D,
  layout: Layout<P>,
  frozen: (name: string) => boolean = () => false,
): ValueAndGradient<A> {
  const parameters = unflatten(flat, layout);
  const named = namedTensors(parameters);
  const kept: [string, tf.Tensor][] = [];
  const forward = () => {
    const { value, others } = loss(parameters);
    // The engine is about to dispose of all that was made here but the loss.
    for (const [name, tensor] of namedTensors(others)) {
      kept.push([name, tf.keep(tf.clone(tensor))]);
    }
    return value;
  };
  const free = named.filter(([name]) => !frozen(name));
  const inputs = free.map(([, tensor]) => tensor);
  const { value, grads } = tf.engine().gradients(forward, inputs, undefined, true);
  const found = new Map(free.map(([name], i) => [name, grads[i] as tf.Tensor | undefined]));
  const gradients = named.map(([name, tensor]) =>
    [name, found.get(name) ?? tf.zerosLike(tensor)] as const
  );
  // Cloned once more, so that they belong to the caller's scope.
  const others = fromNamedTensors(kept.map(([name, tensor]) => [name, tf.clone(tensor)] as const));
  kept.forEach(([, tensor]) => tensor.dispose());
  const gradient = flatten(fromNamedTensors(gradients) as P, layout);
  return { value, gradient, others: others as A };
}
