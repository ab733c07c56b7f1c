/**
 * Multi-head self-attention: `softmax(Q Kᵀ / √d) V` per head, with d the width of a head, then a
 * linear layer.
 *
 * @source Vaswani et al., Attention is all you need, 2017, equation 1.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import { checkShape } from "../tensors/check_shape.ts";
import type { RandomStream } from "../tensors/random.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/** Parameters of multi-head self-attention. */
export type AttentionParameters = {
  /** Tokens to queries, keys and values side by side, `[width, 3 * width]`; fewer of each where it was pruned. */
  readonly qkv: LinearParameters;
  /** Joined heads to tokens, `[width, width]`; fewer rows where heads were pruned. */
  readonly output: LinearParameters;
};

/** Shape of a multi-head self-attention. */
export interface AttentionConfig {
  /** Width of the tokens. */
  readonly width: number;
  /** Number of heads; divides `width` where no other width of a head is given. */
  readonly heads: number;
  /** Width of a head's values. Default: `width / heads`. */
  readonly headWidth?: number | undefined;
  /** Width of a head's queries and keys. Default: that of its values. */
  readonly queryWidth?: number | undefined;
}

/** Widths of the parts of an attention: of each head, and of all heads' queries (as keys) and values. */
export function attentionWidths(
  { width, heads, headWidth = width / heads, queryWidth = headWidth }: AttentionConfig,
): { headWidth: number; queryWidth: number; queries: number; values: number } {
  return { headWidth, queryWidth, queries: heads * queryWidth, values: heads * headWidth };
}

/**
 * Draws the parameters of multi-head self-attention with biases.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initAttention } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { qkv } = initAttention({ width: 8, heads: 2 }, randomStream(0));
 * if (qkv.weight.shape[1] !== 24) throw new Error("Expected queries, keys and values");
 * ```
 */
export function initAttention(config: AttentionConfig, random: RandomStream): AttentionParameters {
  const { width } = config, { queries, values } = attentionWidths(config);
  return {
    qkv: initLinear({ inputs: width, outputs: 2 * queries + values }, random.at("qkv")),
    output: initLinear({ inputs: values, outputs: width }, random.at("output")),
  };
}

/**
 * Computes multi-head self-attention, `[batch, tokens, width]` to the same.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { attention, initAttention } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { width: 8, heads: 2 };
 * const y = attention(initAttention(config, randomStream(0)), tf.ones([1, 5, 8]), config);
 * if (y.shape.join() !== "1,5,8") throw new Error("Expected the shape of the input");
 * ```
 */
export function attention(
  parameters: AttentionParameters,
  x: tf.Tensor3D,
  config: AttentionConfig,
): tf.Tensor3D {
  return linear(parameters.output, mixValues(parameters, x, config));
}

/** The mixed values of all heads side by side, `[batch, tokens, heads * head width]`: what the output layer takes. */
export function mixValues(
  { qkv }: Pick<AttentionParameters, "qkv">,
  x: tf.Tensor3D,
  config: AttentionConfig,
): tf.Tensor3D {
  const { width, heads } = config, { headWidth, queryWidth } = attentionWidths(config);
  checkShape("the input of attention", x, ["batch", "tokens", width]);
  if (!Number.isSafeInteger(headWidth)) {
    throw new UserError(
      `Cannot divide a width of ${width} into ${heads} heads: expected a divisor of the width. ` +
        "Choose another number of heads",
    );
  }
  const parts = linear(qkv, x);
  return queryWidth === headWidth ? attend(parts, heads) : attendNarrowly(parts, config);
}

/** As {@linkcode attend}, where queries and keys are narrower than values: `[batch, tokens, 2 * queries + values]`. */
function attendNarrowly(qkv: tf.Tensor3D, config: AttentionConfig): tf.Tensor3D {
  const { heads } = config, { headWidth, queryWidth, queries, values } = attentionWidths(config);
  const [batch, tokens] = qkv.shape;
  const headsOf = (part: tf.Tensor3D, width: number) =>
    tf.reshape<tf.Rank.R3>(
      tf.transpose(tf.reshape(part, [batch, tokens, heads, width]), [0, 2, 1, 3]),
      [batch * heads, tokens, width],
    );
  const [query, key, value] = tf.split(qkv, [queries, queries, values], 2) as [
    tf.Tensor3D,
    tf.Tensor3D,
    tf.Tensor3D,
  ];
  const scaled = tf.mul(headsOf(query, queryWidth), 1 / Math.sqrt(queryWidth));
  const weights = tf.softmax(tf.matMul(scaled, headsOf(key, queryWidth), false, true));
  const mixed = tf.matMul(weights, headsOf(value, headWidth));
  const apart = tf.reshape(mixed, [batch, heads, tokens, headWidth]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [batch, tokens, values]);
}

/**
 * Softmax attention of all heads at once: `[batch, tokens, 3 * width]` to `[batch, tokens, width]`.
 * The gradient is written out, with one transpose each way for queries, keys and values together;
 * the row sums that the softmax needs are taken over the outputs, which are fewer than the scores.
 */
function attend(qkv: tf.Tensor3D, heads: number): tf.Tensor3D {
  const [batch, tokens, tripled] = qkv.shape;
  const size = tripled / 3 / heads, scale = 1 / Math.sqrt(size);
  const apart = [batch, tokens, 3, heads, size], joined = [batch, tokens, heads * size];
  const part = (x: tf.Tensor, i: number) =>
    tf.reshape<tf.Rank.R3>(tf.slice(x, [i], [1]), [batch * heads, tokens, size]);
  const forward = tf.customGrad((...inputs) => {
    const [x, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    const split = tf.transpose(tf.reshape(x, apart), [2, 0, 3, 1, 4]);
    const [query, key, value] = [tf.mul(part(split, 0), scale), part(split, 1), part(split, 2)];
    const weights = tf.softmax(tf.matMul(query, key, false, true));
    const result = tf.matMul(weights, value);
    save([query, key, value, weights, result]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [query, key, value, weights, result] = saved as tf.Tensor3D[] as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      const outer = tf.reshape<tf.Rank.R3>(
        tf.transpose(tf.reshape(dy, [batch, tokens, heads, size]), [0, 2, 1, 3]),
        [batch * heads, tokens, size],
      );
      const sums = tf.sum(tf.mul(outer, result), -1, true);
      const scores = tf.mul(weights, tf.sub(tf.matMul(outer, value, false, true), sums));
      const gradients = tf.stack([
        tf.mul(tf.matMul<tf.Tensor3D>(scores as tf.Tensor3D, key), scale),
        tf.matMul<tf.Tensor3D>(scores as tf.Tensor3D, query, true),
        tf.matMul(weights, outer, true),
      ]);
      const together = tf.reshape(gradients, [3, batch, heads, tokens, size]);
      return tf.reshape(tf.transpose(together, [1, 3, 0, 2, 4]), [batch, tokens, tripled]);
    };
    const heads4 = tf.reshape(result, [batch, heads, tokens, size]);
    return { value: tf.reshape(tf.transpose(heads4, [0, 2, 1, 3]), joined), gradFunc };
  });
  return forward(qkv) as tf.Tensor3D;
}
