import * as tf from "@tensorflow/tfjs";
import type { Layout, LayoutEntry } from "./parameters.ts";

/** Running means of the gradient and of its square, `[layout.size]` each. */
export type AdamState = { readonly first: tf.Tensor1D; readonly second: tf.Tensor1D };

/** Constants of AdamW. */
export interface AdamOptions {
  /** Layout of the buffer. */
  readonly layout: Layout;
  /** Default 0.03. */
  readonly weightDecay?: number | undefined;
  /**
   * Which tensors decay, by name, of those that the layout lets decay (two and more dimensions).
   * Default: all.
   */
  readonly decays?: ((name: string) => boolean) | undefined;
  /**
   * Share of the learning rate that a tensor is updated with, by name. At 0 it is frozen: it stays
   * bit for bit, and its gradient does not count in the norm. Default: 1.
   */
  readonly rates?: ((name: string) => number) | undefined;
  /** Memory of the gradient's mean; default 0.9. */
  readonly beta1?: number | undefined;
  /** Memory of the squared gradient's mean; default 0.99. */
  readonly beta2?: number | undefined;
  /** Default 1e-8. */
  readonly epsilon?: number | undefined;
  /** Scales the whole gradient down to this norm; default: never. */
  readonly maximumGradientNorm?: number | undefined;
}

/**
 * The state of AdamW before its first update, for a buffer of `size` numbers.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initAdam } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * if (initAdam({ size: 3 }).first.size !== 3) throw new Error("Expected 3");
 * ```
 */
export function initAdam({ size }: { readonly size: number }): AdamState {
  // Filled by the engine: `tf.zeros` would make them on the host, and copy them.
  const zeros = () => tf.fill<tf.Rank.R1>([size], 0);
  return { first: zeros(), second: zeros() };
}

/**
 * L2 norm of a gradient `[size]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { gradientNorm } from "./adamw.ts";
 * await startEngine();
 * if ((await gradientNorm(tf.tensor1d([3, 4])).data())[0] !== 5) throw new Error("Expected 5");
 * ```
 */
export function gradientNorm(gradients: tf.Tensor1D): tf.Scalar {
  // One pass instead of two, where the engine has a kernel for it.
  const native = tf.getKernel("L2Loss", tf.getBackend()) !== undefined;
  const squares = native
    ? tf.mul<tf.Scalar>(tf.engine().runKernel("L2Loss", { x: gradients }) as tf.Scalar, 2)
    : tf.sum<tf.Scalar>(tf.square(gradients));
  return tf.sqrt(squares);
}

/**
 * One update of AdamW on a flat buffer of parameters, as a pure function. Only tensors that decay (at
 * most those with two or more dimensions) shrink; where gradients are zero from the beginning, the
 * rest stays exactly as it is. `rates` and `decays` are the parameter groups of other codebases.
 *
 * @param inputs.step Which update this is, counted from 1.
 * @param inputs.norm L2 norm of the whole gradient, where `gradients` are a slice of it. Default: theirs.
 * @returns New parameters and new state.
 * @source Loshchilov and Hutter, "Decoupled weight decay regularization" (2019); UNIC, reference
 * defaults.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { adamW, initAdam, layoutOf } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const layout = layoutOf({ bias: tf.zeros([1]) });
 * const inputs = { learningRate: tf.scalar(0.1), step: tf.scalar(1) };
 * const start = tf.tensor1d([1]), gradient = tf.tensor1d([5]);
 * const { parameters } = adamW(start, gradient, initAdam(layout), inputs, { layout });
 * if (Math.abs((await parameters.data())[0]! - 0.9) > 1e-6) throw new Error("Expected 1 - 0.1");
 * ```
 */
export function adamW(
  parameters: tf.Tensor1D,
  gradients: tf.Tensor1D,
  state: AdamState,
  inputs: {
    readonly learningRate: tf.Scalar;
    readonly step: tf.Scalar;
    readonly norm?: tf.Scalar | undefined;
  },
  options: AdamOptions,
): { parameters: tf.Tensor1D; state: AdamState } {
  const { layout, weightDecay = 0.03, beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8 } = options;
  const { learningRate, step } = inputs, { maximumGradientNorm } = options;
  const { decays = () => true, rates = () => 1 } = options;
  const rateOf = ({ name }: LayoutEntry) => rates(name);
  const shares = valuesOf(layout, rateOf);
  gradients = times(gradients, typeof shares === "number" ? Math.sign(shares) : tf.sign(shares));
  let squares = tf.square(gradients);
  if (maximumGradientNorm !== undefined) {
    const norm = inputs.norm ?? gradientNorm(gradients);
    const scale = tf.minimum(tf.div(maximumGradientNorm, tf.add(norm, 1e-6)), 1);
    gradients = tf.mul(gradients, scale);
    squares = tf.mul(squares, tf.square(scale));
  }
  const first = mean(state.first, gradients, beta1);
  const second = mean(state.second, squares, beta2);
  // Both corrections for the zero start are scalars, so that the buffers are passed over once.
  const rate = tf.div(learningRate, tf.sub(1, tf.pow(beta1, step)));
  const spread = tf.rsqrt(tf.sub(1, tf.pow(beta2, step)));
  const divisor = tf.add(tf.mul(tf.sqrt(second), spread), epsilon);
  const update = times(tf.div(tf.mul(first, rate), divisor), shares);
  const decay = valuesOf(
    layout,
    (entry) => entry.decay && decays(entry.name) ? weightDecay * rateOf(entry) : 0,
  );
  const shrunk = tf.mul<tf.Tensor1D>(parameters, tf.sub(1, tf.mul(learningRate, decay)));
  return { parameters: tf.sub(shrunk, update), state: { first, second } };
}

function mean(running: tf.Tensor1D, value: tf.Tensor1D, memory: number): tf.Tensor1D {
  return tf.add(tf.mul(running, memory), tf.mul(value, 1 - memory));
}

function times(buffer: tf.Tensor1D, factors: tf.Tensor | number): tf.Tensor1D {
  return factors === 1 ? buffer : tf.mul(buffer, factors);
}

/**
 * The value of the tensor that each number of the buffer belongs to, `[size]`, or one number where all have
 * the same. It follows from the number's place by comparisons, which XLA computes within the pass over the
 * buffer; slices, each changed by itself and joined again, take several times as long as the whole update.
 * Names are sorted, so that a few groups are a few runs of neighbours.
 */
function valuesOf(
  { entries, size }: Layout,
  valueOf: (entry: LayoutEntry) => number,
): tf.Tensor | number {
  const runs: { readonly value: number; end: number }[] = [];
  for (const entry of entries) {
    const value = valueOf(entry), end = entry.offset + entry.size, last = runs.at(-1);
    if (last?.value === value) last.end = end;
    else runs.push({ value, end });
  }
  const final = runs.pop()?.value ?? 1;
  if (runs.length === 0) return final;
  const places = tf.range(0, size, 1, "int32");
  return runs.reduceRight<tf.Tensor>(
    (after, { value, end }) =>
      tf.where(tf.less(places, tf.scalar(end, "int32")), tf.scalar(value), after),
    tf.scalar(final),
  );
}
