import { type Bytes, type CApi, type Pointer } from "./c_api.ts";
import { longs } from "./attributes.ts";
import { DataType } from "./data_types.ts";
import {
  elementCount,
  type HostNumbers,
  type HostValues,
  numbersForType,
  numbersFromBytes,
} from "./host_values.ts";

/** sizeof(TF_TString): short strings lie inside, longer ones behind a pointer. */
const stringSize = 24;

/** Makes a TF_Tensor with a copy of `values`; the caller deletes it. */
export function newHostTensor(
  c: CApi,
  shape: readonly number[],
  dtype: number,
  values: unknown,
): Pointer {
  if (dtype === DataType.string) return newStringTensor(c, shape, values as Uint8Array[]);
  const numbers = numbersForType(values, dtype, shape);
  const tensor = c.TF_AllocateTensor(dtype, longs(shape), shape.length, BigInt(numbers.byteLength));
  if (numbers.byteLength > 0) {
    c.copyIn(c.TF_TensorData(tensor), asBytes(numbers), BigInt(numbers.byteLength));
  }
  return tensor;
}

function newStringTensor(c: CApi, shape: readonly number[], values: Uint8Array[]): Pointer {
  const count = elementCount(shape);
  if (values.length !== count) {
    throw new Error(
      `Cannot make a tensor of string [${shape.join(", ")}]: found ${values.length} values, ` +
        `expected ${count}`,
    );
  }
  const length = BigInt(count * stringSize);
  const tensor = c.TF_AllocateTensor(DataType.string, longs(shape), shape.length, length);
  const data = c.TF_TensorData(tensor);
  values.forEach((value, index) => {
    const at = elementAt(data, index);
    c.TF_StringInit(at);
    c.TF_StringCopy(at, value.slice(), BigInt(value.length));
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
export function asBytes(numbers: HostNumbers): Bytes {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
