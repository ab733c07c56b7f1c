/**
 * Writes the pickle of a checkpoint, in operations of protocol 2 that every version of PyTorch
 * reads.
 *
 * @module
 */
import type { FloatTensor } from "../host_tensor.ts";
import { rowMajorStrides } from "../tensor_location.ts";

/** Content of a checkpoint: texts, numbers and tensors by name, nested to any depth. */
export interface TorchTree {
  /** The value of that name. */
  readonly [name: string]: string | number | FloatTensor | TorchTree;
}

/**
 * Encodes the dictionary. The numbers of the tensors lie outside of the pickle: those of the first
 * tensor in the storage "0", and so on in the order of the tree.
 */
export function encodePickle(tree: TorchTree): {
  readonly bytes: Uint8Array;
  readonly tensors: readonly FloatTensor[];
} {
  const out: number[] = [0x80, 2], tensors: FloatTensor[] = [];
  const dictionary = (record: TorchTree): void => {
    out.push(...letters("}("));
    for (const [name, value] of Object.entries(record)) {
      out.push(...textOf(name));
      if (typeof value === "string") out.push(...textOf(value));
      else if (typeof value === "number") out.push(...numberOf(value));
      else if (isTensor(value)) out.push(...referenceTo(value, String(tensors.push(value) - 1)));
      else dictionary(value);
    }
    out.push(...letters("u"));
  };
  dictionary(tree);
  out.push(...letters("."));
  return { bytes: Uint8Array.from(out), tensors };
}

function isTensor(value: FloatTensor | TorchTree): value is FloatTensor {
  return value.data instanceof Float32Array && Array.isArray(value.shape);
}

/** A call of `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`. */
function referenceTo({ shape, data }: FloatTensor, key: string): number[] {
  return [
    ...letters("ctorch._utils\n_rebuild_tensor_v2\n(("),
    ...textOf("storage"),
    ...letters("ctorch\nFloatStorage\n"),
    ...textOf(key),
    ...textOf("cpu"),
    ...numberOf(data.length),
    ...letters("tQ"),
    ...numberOf(0),
    ...tupleOf(shape),
    ...tupleOf(rowMajorStrides(shape)),
    0x89, // requires_grad: False
    ...letters("ccollections\nOrderedDict\n)RtR"),
  ];
}

function tupleOf(numbers: readonly number[]): number[] {
  return [...letters("("), ...numbers.flatMap(numberOf), ...letters("t")];
}

/** A whole number becomes an `int`, any other a `float`. */
function numberOf(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  if (!Number.isSafeInteger(value)) {
    view.setFloat64(0, value);
    return [...letters("G"), ...new Uint8Array(view.buffer)];
  }
  view.setBigInt64(0, BigInt(value), true);
  const bytes = [...new Uint8Array(view.buffer)];
  return value === (value | 0) ? [...letters("J"), ...bytes.slice(0, 4)] : [0x8a, 8, ...bytes];
}

function textOf(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  const length = new Uint8Array(Uint32Array.of(bytes.length).buffer);
  return [...letters("X"), ...length, ...bytes];
}

function letters(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
