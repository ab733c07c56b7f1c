/**
 * Refuses weights that are not finite: a training that diverged leaves NaN behind, which would
 * spread to every feature without an error.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

/**
 * Asserts that no number of a tensor is NaN or infinite, and returns the numbers.
 *
 * @param data The numbers.
 * @param where name: of the tensor; source: the path of its file.
 * @throws {UserError} With the name of the tensor and the count of numbers that are not finite.
 *
 * @example
 * ```ts
 * import { assertFiniteWeights } from "@hashigo/hashigo/weights";
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
