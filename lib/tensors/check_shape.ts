/** Checks of shapes, so that a wrong one is named where it comes in, and not by a kernel further on. */
import { UserError } from "../errors/user_error.ts";

/** A length that an axis must have, or undefined where any will do; names are shown in messages. */
export type ExpectedAxis = number | string;

/**
 * Refuses a tensor of another shape.
 *
 * @param name Names the tensor in the message: "images".
 * @param expected One entry an axis: its length, or a name where any length will do.
 * @throws {UserError} With both shapes.
 *
 * @example
 * ```ts
 * import { checkShape } from "./check_shape.ts";
 * checkShape("images", { shape: [2, 32, 32, 3] }, ["batch", "height", "width", 3]);
 * ```
 */
export function checkShape(
  name: string,
  tensor: { readonly shape: readonly number[] } | undefined,
  expected: readonly ExpectedAxis[],
): void {
  const shape = tensor?.shape;
  const fits = shape?.length === expected.length &&
    expected.every((axis, i) => typeof axis === "string" || axis === shape[i]);
  if (fits) return;
  throw new UserError(
    `Cannot use ${name}: found ${
      shape ? `the shape [${shape.join(", ")}]` : "nothing"
    }, expected ` +
      `[${expected.join(", ")}]. Give a tensor of that shape`,
  );
}
