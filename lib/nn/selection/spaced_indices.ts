/** Which of many a smaller network takes. */
import { UserError } from "../../errors/user_error.ts";

/**
 * `count` numbers below `of`, evenly spaced from 0 on: every second, third and so on, where the one divides
 * the other.
 *
 * @throws {UserError} Where fewer are there than are wanted.
 * @source Xu et al., Initializing models with larger ones, ICLR 2024, section 3 (uniform selection).
 *
 * @example
 * ```ts
 * import { spacedIndices } from "./spaced_indices.ts";
 * if (spacedIndices(8, 4).join() !== "0,2,4,6") throw new Error("Expected every second");
 * ```
 */
export function spacedIndices(of: number, count: number): number[] {
  if (count > of) {
    throw new UserError(
      `Cannot select ${count} of ${of}: a selection has at most as many. Choose a smaller network`,
    );
  }
  return Array.from({ length: count }, (_, i) => Math.floor(i * of / count));
}
