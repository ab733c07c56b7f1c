/**
 * Values that a pickle of a checkpoint may hold: plain ones, and records of tensors. None has
 * methods, so that building a value runs no code of the file.
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

/** A tuple, which never changes once it is made. */
export interface PickleTuple {
  readonly kind: "tuple";
  readonly items: readonly PickleValue[];
}

/** A list or a set. */
export interface PickleList {
  readonly kind: "list";
  readonly items: PickleValue[];
}

/**
 * A dictionary: pairs in the order of the file. A repeated key is refused where the pairs are read.
 */
export interface PickleDict {
  readonly kind: "dict";
  readonly entries: (readonly [key: PickleValue, value: PickleValue])[];
}

/** The name of a class or function, which is never called. */
interface PickleGlobal {
  readonly kind: "global";
  /** Module and name, joined by a dot. */
  readonly name: string;
}

/** An object that is no tensor, such as command-line arguments: what the file says of it. */
export interface PickleRecord {
  readonly kind: "record";
  /** The class, or what else the message about it should say. */
  readonly name: string;
  /** Items, in the order of the file. */
  readonly entries: (readonly [key: PickleValue, value: PickleValue])[];
  /** Attributes: a dictionary, or a tuple of dictionaries. */
  state?: PickleValue;
}

/** A record without items. */
export function recordOf(name: string): PickleRecord {
  return { kind: "record", name, entries: [] };
}

/** Numbers of one element type in a row, which tensors share. */
export interface TorchStorage {
  readonly kind: "storage";
  /** Name of the storage in the checkpoint. */
  readonly key: string;
  /** Type of the elements. */
  readonly dtype: ElementType;
  /** Count of elements. */
  readonly count: number;
}

/** A view of a storage. */
export interface TorchTensor {
  readonly kind: "tensor";
  readonly storage: TorchStorage;
  /** First element in the storage. */
  readonly offset: number;
  /** Lengths of the axes. */
  readonly shape: readonly number[];
  /** Elements between neighbours along each axis. */
  readonly strides: readonly number[];
}

/** Whether a value is of a kind. */
export function isKind<K extends Exclude<PickleValue, Plain>["kind"]>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
type Plain = null | boolean | number | bigint | string | Uint8Array;

/** The most characters of a class's name in messages. */
const longestName = 80;

/** A value as messages name it. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (!("kind" in value)) return "bytes";
  return value.kind === "record" || value.kind === "global"
    ? `the Python object ${JSON.stringify(value.name.slice(0, longestName))}`
    : `a ${value.kind}`;
}
