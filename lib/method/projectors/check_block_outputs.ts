/** Checks what projectors take: one output of each of the student's blocks, and parameters of their shape. */
import type * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { checkShape } from "../../tensors/check_shape.ts";
import type { KeptTokens } from "../../nn/kept_tokens.ts";
import { type ProjectorShape, readsClsOnly, stageOf } from "./head_groups.ts";

/**
 * What a student gives: the output of each of its blocks, `[batch, 1 + patches, width]`, where it is read;
 * `[batch, 1, width]` is enough where no teacher has patches.
 */
export type BlockOutputs = readonly (tf.Tensor3D | undefined)[];

/**
 * Refuses outputs of another student than the configuration describes.
 *
 * @param blockOutputs `[batch, 1 + patches, width]` for each block that is read.
 * @param kept Which patches of the grid these are. Default: all.
 * @throws {UserError} Where there is another number of blocks, or one has another shape or is not there.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { checkBlockOutputs } from "./check_block_outputs.ts";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * checkBlockOutputs([tf.ones([3, 1 + 4, 8])], { width: 8, depth: 1, grid: [2, 2], teachers }, [0]);
 * ```
 */
export function checkBlockOutputs(
  blockOutputs: BlockOutputs,
  shape: ProjectorShape,
  read: readonly number[],
  kept?: KeptTokens,
): tf.Tensor3D[] {
  const { depth } = shape;
  if (blockOutputs.length !== depth) {
    throw new UserError(
      `Cannot project: found the outputs of ${blockOutputs.length} blocks, expected those of all ` +
        `${depth} blocks of the student, in order. Give what encoderOutputs returns`,
    );
  }
  const batch = blockOutputs.find((output) => output !== undefined)?.shape[0] ?? "batch";
  return read.map((block) => {
    const output = blockOutputs[block];
    if (output === undefined) {
      throw new UserError(
        `Cannot project: found no output of block ${block}, which the projectors read. Give it, or ` +
          "leave it out of ladder.blocks",
      );
    }
    const { width, grid: [rows, columns] } = stageOf(shape, block);
    const alone = output.shape[1] === 1 && readsClsOnly(shape);
    const patches = alone ? 0 : kept?.places.shape[1] ?? rows * columns;
    checkShape(`the output of block ${block}`, output, [batch, 1 + patches, width]);
    return output;
  });
}

/**
 * The parameters of a name.
 *
 * @throws {UserError} Where there are none, as where they were made for another configuration.
 */
export function parametersOf<P>(parameters: { readonly [name: string]: P }, name: string): P {
  const found = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (found !== undefined) return found;
  throw new UserError(
    `Cannot project: the parameters have no "${name}" (found ${
      Object.keys(parameters).join(", ") || "none"
    }), expected those of the same configuration. Make them by initProjector with it`,
  );
}
