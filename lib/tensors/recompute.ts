/**
 * Computes parts of a function once more for its gradient, instead of keeping what they computed.
 *
 * @source Chen et al., Training deep nets with sublinear memory cost, 2016.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromNamedTensors, namedTensors, type Parameters } from "./parameters.ts";

/** What a part that is computed twice takes; all of it is kept. */
export interface RecomputedInputs<
  A extends Parameters,
  P extends Parameters,
  C extends Parameters = Parameters,
> {
  /** What the parts before gave. */
  readonly activations: A;
  /** What gradients flow to, too. */
  readonly parameters: P;
  /** What no gradient flows to. */
  readonly constants: C;
}

/**
 * The value of `fn`, of which nothing but the inputs is kept for the gradient: that is taken of a second
 * computation, which begins when the gradient of the value has arrived.
 *
 * @param fn A pure function of one result, which uses no other tensors than these inputs.
 * @source Chen et al. (2016), algorithm 1 with segments that the caller chooses.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { recompute } from "./recompute.ts";
 * await startEngine();
 * const cube = (x: tf.Tensor) =>
 *   recompute(({ activations: { x } }) => tf.mul(x, tf.square(x)), {
 *     activations: { x },
 *     parameters: {},
 *     constants: {},
 *   });
 * const slope = tf.grad(cube)(tf.scalar(2));
 * if ((await slope.data())[0] !== 12) throw new Error("Expected 3 x 2²");
 * ```
 */
export function recompute<
  A extends Parameters,
  P extends Parameters,
  C extends Parameters,
  R extends tf.Tensor,
>(fn: (inputs: RecomputedInputs<A, P, C>) => R, inputs: RecomputedInputs<A, P, C>): R {
  const { activations, parameters, constants } = inputs;
  const named = namedTensors({ activations, parameters, constants } as Parameters);
  const run = (tensors: readonly tf.Tensor[]) => {
    const tree = fromNamedTensors(named.map(([name], i) => [name, tensors[i]!] as const));
    return fn({ activations: {}, parameters: {}, constants: {}, ...tree } as typeof inputs);
  };
  const isOf = (list: keyof typeof inputs) => named.map(([name]) => name.startsWith(`${list}.`));
  const isActivation = isOf("activations"), isConstant = isOf("constants");
  const forgetful = tf.customGrad((...given) => {
    const tensors = given.slice(0, -1) as tf.Tensor[], save = given.at(-1) as tf.GradSaveFunc;
    save(tensors);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      // Other tensors than those of the first computation, so that no compiler joins the two.
      const again = saved.map((tensor, i) => isActivation[i] ? after(tensor, dy) : tensor);
      const wanted = again.filter((_, i) => !isConstant[i]);
      const gradients = gradientsOf(() => run(again), wanted, dy)[Symbol.iterator]();
      return again.map((tensor, i) =>
        isConstant[i] ? tf.zeros(tensor.shape) : gradients.next().value!
      );
    };
    return { value: run(tensors), gradFunc };
  });
  return forgetful(...named.map(([, tensor]) => tensor)) as R;
}

/**
 * A tensor as it is, which is there only when another one is; in the gradient, the other way round. No compiler
 * can see that nothing changes.
 *
 * @param signal What is waited for; where its first number is none, neither are those of the result.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { after } from "./recompute.ts";
 * await startEngine();
 * if ((await after(tf.scalar(2), tf.tensor1d([7])).data())[0] !== 2) throw new Error("Expected 2");
 * ```
 */
export function after<T extends tf.Tensor>(tensor: T, signal: tf.Tensor): T {
  const shape = signal.shape;
  const wait = tf.customGrad((...inputs) => {
    const [tensor, signal] = inputs as [tf.Tensor, tf.Tensor];
    return {
      value: tf.add(tensor, zeroOf(signal)),
      gradFunc: (dy) => [dy, tf.broadcastTo(zeroOf(dy), shape)],
    };
  });
  return wait(tensor, signal) as T;
}

/** 0, which no compiler knows before it has the tensor; 1 where its first number is none. */
function zeroOf(tensor: tf.Tensor): tf.Tensor {
  const first = tf.slice(tf.reshape(tensor, [-1]), [0], [1]);
  return tf.reshape(tf.cast(tf.isNaN(first), "float32"), []);
}

/** The part of tfjs's engine that holds the record of what a gradient is taken of. */
interface Tape {
  readonly state: { activeTape: unknown };
}

/** Gradients of a function within the gradient of another, zero where it does not use an input. */
function gradientsOf(
  fn: () => tf.Tensor,
  inputs: readonly tf.Tensor[],
  dy: tf.Tensor,
): tf.Tensor[] {
  const { state } = tf.engine() as unknown as Tape;
  // The inner gradient ends the record of the outer one, which still has to free what it holds.
  const outer = state.activeTape;
  try {
    const { grads } = tf.engine().gradients(fn, [...inputs], dy, true);
    return inputs.map((input, i) => (grads[i] as tf.Tensor | undefined) ?? tf.zerosLike(input));
  } finally {
    state.activeTape = outer;
  }
}
