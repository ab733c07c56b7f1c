import type { Bytes } from "./c_api.ts";

/** Byte strings laid end to end in memory that stays in place as long as this object lives. */
export interface PackedStrings {
  readonly bytes: Bytes;
  readonly addresses: BigUint64Array<ArrayBuffer>;
  readonly lengths: BigUint64Array<ArrayBuffer>;
}

/** Copies byte strings to where C code can point at them. */
export function packStrings(values: readonly Uint8Array[]): PackedStrings {
  const total = values.reduce((sum, { length }) => sum + length, 0);
  // Small typed arrays may lie in the garbage collector's reach; an ArrayBuffer of its own does not.
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(total, 1)));
  const start = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
  const addresses = new BigUint64Array(values.length);
  const lengths = BigUint64Array.from(values, ({ length }) => BigInt(length));
  let at = 0;
  values.forEach((value, index) => {
    bytes.set(value, at);
    addresses[index] = start + BigInt(at);
    at += value.length;
  });
  return { bytes, addresses, lengths };
}
