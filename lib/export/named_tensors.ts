/** Tensors by name, of which every one must be used. */
import { UserError } from "../errors/user_error.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, FloatTensor>;

/** Takes tensors out of a map one by one, and knows what is left over. */
export interface TensorTaker {
  /** The tensor of that name, which must have that shape. */
  take(name: string, shape: readonly number[]): FloatTensor;
  /** Refuses tensors that were not taken. */
  finish(): void;
}

/**
 * Takes from `tensors`, each name once.
 *
 * @param what Names the source in errors, such as "the encoder".
 */
export function tensorTaker(tensors: TensorMap, what: string): TensorTaker {
  const taken = new Set<string>();
  return {
    take(name, shape) {
      const tensor = tensors.get(name);
      if (tensor?.shape.join() !== shape.join()) {
        const found = tensor === undefined ? "no such tensor" : `[${tensor.shape}]`;
        throw unfit(what, `${found} for "${name}", expected [${shape}]`);
      }
      taken.add(name);
      return tensor;
    },
    finish() {
      const surplus = [...tensors.keys()].find((name) => !taken.has(name));
      if (surplus === undefined) return;
      throw unfit(what, `the tensor "${surplus}", expected none of that name`);
    },
  };
}

/** Those tensors whose names begin with `prefix`, without it. */
export function below(tensors: TensorMap, prefix: string): Map<string, FloatTensor> {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** The error of names or shapes that do not belong to an architecture. */
export function unfit(what: string, found: string): UserError {
  return new UserError(
    `Cannot translate ${what}: found ${found}. Give the parameters of a plain vision transformer ` +
      "(no registers, LayerScale or classifier) and of a ladder on its blocks",
  );
}
