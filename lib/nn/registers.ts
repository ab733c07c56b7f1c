/**
 * Registers: learnt tokens between CLS and patches that attention may use as memory and that are
 * left out of the output.
 *
 * @source Darcet et al., Vision transformers need registers, 2024.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Inserts registers after the first token of every image.
 *
 * @param tokens `[batch, 1 + patches, width]`, CLS first.
 * @param registers `[registers, width]`; without them the tokens are returned as they are.
 * @returns `[batch, 1 + registers + patches, width]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { insertRegisters } from "./registers.ts";
 * await startEngine();
 * const tokens = insertRegisters(tf.tensor3d([[[1], [2]]]), tf.tensor2d([[8], [9]]));
 * if ((await tokens.data()).join() !== "1,8,9,2") throw new Error("Expected registers after CLS");
 * ```
 */
export function insertRegisters(
  tokens: tf.Tensor3D,
  registers: tf.Tensor2D | undefined,
): tf.Tensor3D {
  if (registers === undefined) return tokens;
  const [batch, count, width] = tokens.shape;
  const [cls, patches] = tf.split(tokens, [1, count - 1], 1) as [tf.Tensor3D, tf.Tensor3D];
  const repeated = tf.tile(tf.expandDims(registers, 0), [batch, 1, 1]);
  return tf.concat3d([cls, tf.reshape(repeated, [batch, -1, width]), patches], 1);
}

/**
 * Removes the registers: `[batch, 1 + count + patches, width]` to `[batch, 1 + patches, width]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { removeRegisters } from "./registers.ts";
 * await startEngine();
 * const tokens = removeRegisters(tf.tensor3d([[[1], [8], [9], [2]]]), 2);
 * if ((await tokens.data()).join() !== "1,2") throw new Error("Expected CLS and the patch");
 * ```
 */
export function removeRegisters(tokens: tf.Tensor3D, count: number): tf.Tensor3D {
  if (count === 0) return tokens;
  const sizes = [1, count, tokens.shape[1] - 1 - count];
  const [cls, , patches] = tf.split(tokens, sizes, 1) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  return tf.concat3d([cls, patches], 1);
}
