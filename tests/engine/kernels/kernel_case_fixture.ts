import * as tf from "@tensorflow/tfjs";

/** An input of a case, the same on every backend. */
export interface Input {
  readonly values: readonly (number | string)[];
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool" | "string";
}

/** A call of tfjs that runs certain kernels. */
export interface KernelCase {
  /** Kernels that must run, forward or in the gradient. */
  readonly kernels: readonly string[];
  readonly inputs: readonly Input[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** Largest difference to the `cpu` backend, relative to values above 1. Default 1e-4. */
  readonly tolerance?: number;
  /** Why the gradient is not compared, where a float32 input could have one. */
  readonly noGradient?: string;
  /** Why the call is not compared when compiled. */
  readonly notCompiled?: string;
}

/** Numbers spread evenly, in a scrambled order, from `low` to `high`. */
export function numbers(shape: number[], low = -1, high = 1, start = 0): Input {
  const count = shape.reduce((product, size) => product * size, 1);
  const golden = 0.6180339887;
  const values = Array.from(
    { length: count },
    (_, i) => low + (high - low) * (((i + 1 + start) * golden) % 1),
  );
  return { values, shape, dtype: "float32" };
}

/** Whole numbers from 0 to below `bound`. */
export function integers(shape: number[], bound: number): Input {
  const { values } = numbers(shape, 0, bound);
  return { values: values.map((value) => Math.floor(Number(value))), shape, dtype: "int32" };
}

/** Truth values, about half of them true. */
export function flags(shape: number[], start = 0): Input {
  const { values } = numbers(shape, 0, 2, start);
  return { values: values.map((value) => Math.floor(Number(value))), shape, dtype: "bool" };
}

/** Values as they stand. */
export function listed(
  values: readonly (number | string)[],
  shape: number[] = [values.length],
  dtype: Input["dtype"] = "float32",
): Input {
  return { values, shape, dtype };
}
