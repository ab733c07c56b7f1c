/**
 * Weights that cannot be right: a training that diverged leaves NaN behind, which would spread to
 * every feature without an error.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

/**
 * Refuses weights of which some are NaN or infinite.
 *
 * @param data The numbers, returned as they are.
 * @param where The tensor's name, and the path of its file.
 * @throws {UserError} Which names the tensor and says how many numbers are not finite.
 *
 * @example
 * ```ts
 * import { assertFiniteWeights } from "@hashigo/hashigo";
 * const where = { name: "head.bias", source: "vit.pth" };
 * assertFiniteWeights(Float32Array.of(1, -2), where);
 * let message = "";
 * try {
 *   assertFiniteWeights(Float32Array.of(1, NaN), where);
 * } catch (error) {
 *   message = String(error);
 * }
 * if (!message.includes('1 of 2 numbers of "head.bias"')) throw new Error(message);
 * ```
 */
export function assertFiniteWeights(
  data: Float32Array,
  where: { readonly name: string; readonly source: string },
): Float32Array {
  let wrong = 0, first = -1;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    if (wrong++ === 0) first = i;
  }
  if (wrong === 0) return data;
  throw new UserError(
    `Cannot use "${where.source}": found ${wrong} of ${data.length} numbers of "${where.name}" ` +
      `that are not finite, the first one ${data[first]} at ${first}. ` +
      "The network's training diverged, or the file is damaged: use an earlier checkpoint",
  );
}
