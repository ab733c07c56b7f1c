/** Tensors by name, each of which must be used. */
import { UserError } from "../errors/user_error.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, FloatTensor>;

/** Takes tensors out of a map one by one, and refuses to leave any over. */
export interface TensorTaker {
  /** The tensor of that name; one that is missing or of another shape is refused. */
  take(name: string, shape: readonly number[]): FloatTensor;
  /** Refuses tensors that were not taken. */
  finish(): void;
}

/**
 * Takes from `tensors`, each name once.
 *
 * @param source Where the tensors are from, for error messages: "the encoder".
 */
export function tensorTaker(tensors: TensorMap, source: string): TensorTaker {
  const taken = new Set<string>();
  return {
    take(name, shape) {
      const tensor = tensors.get(name);
      if (tensor?.shape.join() !== shape.join()) {
        const actual = tensor === undefined ? "no such tensor" : `[${tensor.shape}]`;
        throw unfit(source, `${actual} for "${name}", expected [${shape}]`);
      }
      taken.add(name);
      return tensor;
    },
    finish() {
      const surplus = [...tensors.keys()].find((name) => !taken.has(name));
      if (surplus === undefined) return;
      throw unfit(source, `the tensor "${surplus}", expected none of that name`);
    },
  };
}

/** Those tensors whose names begin with `prefix`, without it. */
export function below(tensors: TensorMap, prefix: string): Map<string, FloatTensor> {
  const matches = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(matches.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** The error of names or shapes that do not belong to an architecture. */
export function unfit(source: string, actual: string): UserError {
  return new UserError(
    `Cannot translate ${source}: found ${actual}. Give the parameters of a vision transformer without a ` +
      "classifier, and of a ladder on its blocks",
  );
}
