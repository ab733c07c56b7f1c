/** Checks what projectors take: one output of each of the student's blocks, and parameters of their shape. */
import { UserError } from "../../errors/user_error.ts";
import { checkShape } from "../../tensors/check_shape.ts";
import type { KeptTokens } from "../../nn/kept_tokens.ts";
import { type ProjectorShape } from "./head_groups.ts";

/**
 * Refuses outputs of another student than the configuration describes.
 *
 * @param blockOutputs `[batch, 1 + patches, width]` for each block.
 * @throws {UserError} Where there is another number of blocks, or one has another shape.
 *
 * @example
 * ```ts
 * import { checkBlockOutputs } from "./check_block_outputs.ts";
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * checkBlockOutputs([{ shape: [3, 1 + 4, 8] }], { width: 8, depth: 1, grid: [2, 2], teachers });
 * ```
 */
export function checkBlockOutputs(
  blockOutputs: readonly { readonly shape: readonly number[] }[],
  { depth, width, grid: [rows, columns] }: ProjectorShape,
  kept?: KeptTokens,
): void {
  if (blockOutputs.length !== depth) {
    throw new UserError(
      `Cannot project: found the outputs of ${blockOutputs.length} blocks, expected those of all ` +
        `${depth} blocks of the student, in order. Give what visionTransformer returns`,
    );
  }
  const patches = kept?.places.shape[1] ?? rows * columns;
  const batch = blockOutputs[0]?.shape[0] ?? "batch";
  blockOutputs.forEach((output, block) =>
    checkShape(`the output of block ${block}`, output, [batch, 1 + patches, width])
  );
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
