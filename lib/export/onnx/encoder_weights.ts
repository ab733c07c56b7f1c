/** The weights of an encoder by name, as its file holds them. */
import { UserError } from "../../errors/user_error.ts";
import type { Safetensors } from "../../weights/safetensors/safetensors.ts";

/** Weights of an encoder, row-major. */
export interface EncoderWeights {
  /**
   * Numbers and shape of a tensor.
   *
   * @throws {UserError} where there is none of that name
   */
  get(name: string): { readonly data: Float32Array; readonly shape: readonly number[] };
  /** Whether there is a tensor of that name. */
  has(name: string): boolean;
}

/** The weights in a file whose tensors have our names. */
export function encoderWeights({ tensors }: Pick<Safetensors, "tensors">): EncoderWeights {
  return {
    has: (name) => tensors.has(name),
    get(name) {
      const tensor = tensors.get(name);
      if (tensor?.data instanceof Float32Array) return { data: tensor.data, shape: tensor.shape };
      throw new UserError(
        `Cannot export the student: found no floats for "${name}". Its config and its tensors do not belong ` +
          "together: finish its run again",
      );
    },
  };
}

/**
 * Numbers in another order of their axes.
 *
 * @param order the axis that each axis of the result is, such as `[1, 0]` for a transposed matrix
 *
 * @example
 * ```ts
 * import { transposed } from "./encoder_weights.ts";
 * const { data } = transposed({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }, [1, 0]);
 * if (data.join() !== "1,3,2,4") throw new Error("Columns became rows");
 * ```
 */
export function transposed(
  { data, shape }: { readonly data: Float32Array; readonly shape: readonly number[] },
  order: readonly number[],
): { readonly data: Float32Array; readonly shape: number[] } {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((size, one) => size * one, 1)
  );
  const sizes = order.map((axis) => shape[axis]!), steps = order.map((axis) => strides[axis]!);
  const result = new Float32Array(data.length);
  const place = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return { data: result, shape: sizes };
}
