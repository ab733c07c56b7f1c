import type { Attribute } from "../ffi/attributes.ts";
import type { HostValues } from "../ffi/host_values.ts";

/** A tensor as tfjs's binding interface describes it there (TensorMetadata). */
export interface TensorRecord {
  /** The binding's number for it. */
  readonly id: number;
  readonly shape: number[];
  /** TF_DataType. */
  readonly dtype: number;
}

/** Takes the ops that a {@linkcode Binding} would run, and hands out symbols for their results. */
export interface Recorder {
  /** Whether the id stands for a symbol of this recorder. */
  has(id: number): boolean;
  /** A symbol for values that are known now. */
  constant(shape: readonly number[], dtype: number, values: unknown): TensorRecord;
  /** Records an op. */
  add(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorRecord[];
  /** The values of a constant. */
  read(id: number): HostValues;
  /** Forgets a symbol. */
  delete(id: number): void;
}
