import type { Bytes, CApi, Pointer } from "./c_api.ts";
import { longs } from "./attributes.ts";
import { DataType } from "./data_types.ts";
import { type PackedStrings, packStrings } from "./packed_strings.ts";
import {
  elementCount,
  type HostNumbers,
  type HostValues,
  numbersForType,
  numbersFromBytes,
} from "./host_values.ts";

/** sizeof(TF_TString): short strings lie inside, longer ones behind a pointer. */
const stringSize = 24;

/**
 * Makes a TF_Tensor of `values`, passes it to `use` and deletes it. Numbers are copied into it;
 * strings are only pointed at, as TensorFlow would never free memory from outside, so
 * `use` must copy them.
 */
export function withHostTensor<T>(
  c: CApi,
  values: { shape: readonly number[]; dtype: number; values: unknown },
  use: (tensor: Pointer) => T,
): T {
  const { shape, dtype } = values;
  const strings = dtype === DataType.string
    ? packStrings(values.values as Uint8Array[])
    : undefined;
  const tensor = strings === undefined
    ? newNumericTensor(c, shape, dtype, values.values)
    : newStringTensor(c, shape, strings);
  try {
    return use(tensor);
  } finally {
    c.TF_DeleteTensor(tensor);
  }
}

function newNumericTensor(
  c: CApi,
  shape: readonly number[],
  dtype: number,
  values: unknown,
): Pointer {
  const numbers = numbersForType(values, dtype, shape);
  const tensor = c.TF_AllocateTensor(dtype, longs(shape), shape.length, BigInt(numbers.byteLength));
  if (numbers.byteLength > 0) {
    c.copyIn(c.TF_TensorData(tensor), asBytes(numbers), BigInt(numbers.byteLength));
  }
  return tensor;
}

function newStringTensor(
  c: CApi,
  shape: readonly number[],
  strings: PackedStrings,
): Pointer {
  const count = elementCount(shape);
  const { length } = strings.addresses;
  if (length !== count) {
    throw new Error(
      `Cannot make a tensor of string [${shape.join(", ")}]: found ${length} values, ` +
        `expected ${count}`,
    );
  }
  const size = BigInt(count * stringSize);
  const tensor = c.TF_AllocateTensor(DataType.string, longs(shape), shape.length, size);
  const data = c.TF_TensorData(tensor);
  strings.addresses.forEach((address, index) => {
    const at = elementAt(data, index);
    c.TF_StringInit(at);
    c.TF_StringAssignView(at, address, strings.lengths[index]!);
  });
  return tensor;
}

/** Copies the content of a TF_Tensor. */
export function readHostTensor(c: CApi, tensor: Pointer, dtype: number): HostValues {
  const data = c.TF_TensorData(tensor);
  if (dtype === DataType.string) return readStrings(c, tensor, data);
  const length = Number(c.TF_TensorByteSize(tensor));
  const bytes = new ArrayBuffer(length);
  if (length > 0) c.copyOut(new Uint8Array(bytes), data, BigInt(length));
  return numbersFromBytes(dtype, bytes);
}

function readStrings(c: CApi, tensor: Pointer, data: Pointer): Uint8Array[] {
  const count = Number(c.TF_TensorElementCount(tensor));
  return Array.from({ length: count }, (_, index) => {
    const at = elementAt(data, index);
    const bytes = new Uint8Array(Number(c.TF_StringGetSize(at)));
    if (bytes.length > 0) {
      c.copyOut(bytes, c.TF_StringGetDataPointer(at), BigInt(bytes.length));
    }
    return bytes;
  });
}

function elementAt(data: Pointer, index: number): Pointer {
  if (data === null) throw new Error("TensorFlow returned a string tensor without memory");
  return Deno.UnsafePointer.offset(data, index * stringSize);
}

/** The same memory, as bytes. */
function asBytes(numbers: HostNumbers): Bytes {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
