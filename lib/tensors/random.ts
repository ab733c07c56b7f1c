import { UserError } from "../errors/user_error.ts";
import { philox } from "./philox.ts";

/**
 * An endless sequence of random numbers that belongs to one address, such as
 * `(seed, "crop", epoch, image)`. It holds no position: the same address has the same numbers,
 * on every machine and with any number of workers, and a longer draw begins with a shorter
 * one. Two kinds of draw from one address share their bits: use two addresses where they must be
 * independent.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * const draws = randomStream(1).at("drop", 3).uniform(2);
 * const again = randomStream(1).at("drop", 3).uniform(2);
 * if (draws[1] !== again[1]) throw new Error("An address always has the same numbers");
 * ```
 */
export interface RandomStream {
  /** The stream at a longer address. `at("a", 1)` equals `at("a").at(1)`. Numbers are whole. */
  at(...address: (string | number)[]): RandomStream;
  /** Uniform in [0, 1), with 24 random bits each. */
  uniform(count: number): Float32Array;
  /** Standard normal (Box and Muller, computed in double precision). */
  normal(count: number): Float32Array;
  /** Normal with mean 0, redrawn where beyond ±2 (absolute, not in units of `std`). */
  truncatedNormal(count: number, std: number): Float32Array;
  /** Raw 32-bit words. */
  bits(count: number): Uint32Array;
  /** The numbers 0 to n - 1 in random order (bias below n / 2^32). */
  permutation(n: number): Uint32Array;
}

/**
 * The random stream of a seed: Philox 4x32 with 10 rounds, keyed by a hash of the address.
 *
 * @param seed A whole number.
 * @throws {UserError} Where the seed, or a number in an address, is not a whole number.
 * @source Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * const order = randomStream(7).at("sampler", 0).permutation(5);
 * if (order.length !== 5) throw new Error("Expected five indices");
 * ```
 */
export function randomStream(seed: number): RandomStream {
  const [low, high] = words(seed);
  return streamOf(low, high);
}

/** Purpose of a block, the last word of its counter, so that hashing and drawing never meet. */
const DRAW = 0, NUMBER = 1, TEXT = 2, END_OF_TEXT = 3;

function words(value: number): [low: number, high: number] {
  if (!Number.isSafeInteger(value)) {
    throw new UserError(
      `Cannot address random numbers with ${value}: expected a whole number. Round it first`,
    );
  }
  return [value >>> 0, Math.floor(value / 2 ** 32) | 0];
}

/** The key of a longer address: every part is enciphered with the key of the address so far. */
function extend(key: readonly [number, number], part: string | number): [number, number] {
  const out = new Uint32Array(4);
  const mix = (a: number, b: number, c: number, kind: number, by: readonly [number, number]) => {
    philox([a, b, c, kind], by, out);
    return [out[0]!, out[1]!] as [number, number];
  };
  if (typeof part === "number") return mix(...words(part), 0, NUMBER, key);
  const bytes = new TextEncoder().encode(part);
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 12) * 12));
  bytes.forEach((byte, i) => padded.setUint8(i, byte));
  let [k0, k1] = key;
  for (let i = 0; i < padded.byteLength; i += 12) {
    const at = (offset: number) => padded.getUint32(i + offset, true);
    [k0, k1] = mix(at(0), at(4), at(8), TEXT, [k0, k1]);
  }
  return mix(bytes.length, 0, 0, END_OF_TEXT, [k0, k1]);
}

function streamOf(k0: number, k1: number): RandomStream {
  const bits = (count: number) => {
    const result = new Uint32Array(Math.ceil(count / 4) * 4);
    for (let i = 0; i < result.length; i += 4) {
      philox([i / 4, 0, 0, DRAW], [k0, k1], result, i);
    }
    return result.subarray(0, count);
  };
  const at = (...address: (string | number)[]) => {
    let key: [number, number] = [k0, k1];
    for (const part of address) key = extend(key, part);
    return streamOf(...key);
  };
  return {
    at,
    bits,
    uniform: (count) => {
      const words = bits(count), result = new Float32Array(count);
      for (let i = 0; i < count; i++) result[i] = (words[i]! >>> 8) * 2 ** -24;
      return result;
    },
    normal: (count) => boxMuller(bits(count + count % 2)).subarray(0, count),
    truncatedNormal: (count, std) => {
      const result = boxMuller(bits(count + count % 2)).subarray(0, count);
      for (let i = 0; i < count; i++) {
        result[i]! *= std;
        for (let draw = 0; Math.abs(result[i]!) > 2; draw++) {
          result[i] = at("again", i, draw).normal(1)[0]! * std;
        }
      }
      return result;
    },
    permutation: (n) => {
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      const draws = bits(n);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(draws[i]! / 2 ** 32 * (i + 1));
        const held = order[i]!;
        order[i] = order[j]!;
        order[j] = held;
      }
      return order;
    },
  };
}

/** Two independent normals from two uniforms, in their place; half a unit keeps the logarithm finite. */
function boxMuller(bits: Uint32Array): Float32Array {
  const result = new Float32Array(bits.buffer, bits.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((bits[i]! + 0.5) / 2 ** 32));
    const angle = 2 * Math.PI * bits[i + 1]! / 2 ** 32;
    result[i] = radius * Math.cos(angle);
    result[i + 1] = radius * Math.sin(angle);
  }
  return result;
}
