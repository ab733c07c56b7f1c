/**
 * What a pickle of a checkpoint may hold: plain values, and what stands for tensors. Nothing here
 * has behaviour, so that building a value runs no code of the file.
 *
 * @module
 */
import type { ElementType } from "../element_types.ts";

/** Any value of a pickle. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleRecord
  | TorchStorage
  | TorchTensor;

/** Never changes once it is made. */
export interface PickleTuple {
  readonly kind: "tuple";
  readonly items: readonly PickleValue[];
}

/** A list or a set. */
export interface PickleList {
  readonly kind: "list";
  readonly items: PickleValue[];
}

/** Pairs in the order of the file. A key may be repeated here; whoever looks one up refuses it. */
export interface PickleDict {
  readonly kind: "dict";
  readonly entries: (readonly [key: PickleValue, value: PickleValue])[];
}

/** The name of a class or function, which is never called. */
export interface PickleGlobal {
  readonly kind: "global";
  /** Module and name with a dot between them. */
  readonly name: string;
}

/** Stands for an object that is no tensor, such as command-line arguments; its state is dropped. */
export interface PickleRecord {
  readonly kind: "record";
}

/** Numbers of one element type in a row, which tensors share. */
export interface TorchStorage {
  readonly kind: "storage";
  readonly key: string;
  readonly dtype: ElementType;
  /** Count of elements. */
  readonly count: number;
}

/** A view of a storage. */
export interface TorchTensor {
  readonly kind: "tensor";
  readonly storage: TorchStorage;
  /** In elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Whether `value` is of that kind. */
export function isKind<K extends Exclude<PickleValue, Plain>["kind"]>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
type Plain = null | boolean | number | bigint | string | Uint8Array;

/** What a value is called in a message. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value !== "object") return `a ${typeof value}`;
  return "kind" in value ? `a ${value.kind}` : "bytes";
}
