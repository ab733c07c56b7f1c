/**
 * Tensors in the memory of the host, apart from any engine.
 *
 * @module
 */
import type { TensorData } from "./element_types.ts";

/** Numbers of a tensor and its shape; the element type follows from the array. */
export interface HostTensor {
  /** Lengths of the axes; empty for a single number. */
  readonly shape: readonly number[];
  /** The numbers, row-major. */
  readonly data: TensorData;
}

/** A host tensor of float32 numbers. */
export interface FloatTensor extends HostTensor {
  /** The numbers, row-major. */
  readonly data: Float32Array;
}

/** Count of the numbers of a shape; not finite, or not exact, where the shape is a lie. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * Asserts that a tensor has as many numbers as its shape.
 *
 * @param name The tensor as the message names it.
 * @throws {RangeError} Where it has more or fewer.
 */
export function assertShape({ shape, data }: HostTensor, name: string): void {
  const count = elementCount(shape);
  if (count === data.length) return;
  throw new RangeError(
    `Cannot write ${name}: found ${data.length} numbers, expected ${count} for the shape [${shape}]`,
  );
}
