/** One number for a whole state: equal runs have equal digests. */
import { createHash } from "node:crypto";
import type { FloatTensor } from "../weights/host_tensor.ts";

/**
 * SHA-256, in hexadecimal, over every tensor in the order of the names: name, shape, numbers.
 * The order of the map does not matter.
 *
 * @example
 * ```ts
 * import { stateDigest } from "@hashigo/hashigo/method";
 * const bias = { shape: [2], data: Float32Array.of(0, 1) };
 * const other = { shape: [2, 1], data: Float32Array.of(0, 1) };
 * const same = stateDigest(new Map([["bias", bias]])) === stateDigest(new Map([["bias", other]]));
 * if (same) throw new Error("Shapes count");
 * ```
 */
export function stateDigest(tensors: ReadonlyMap<string, FloatTensor>): string {
  const hash = createHash("sha256");
  // Not localeCompare: the order must be the same on every machine.
  for (const name of [...tensors.keys()].sort()) {
    const { shape, data } = tensors.get(name) ?? { shape: [], data: new Float32Array() };
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}
