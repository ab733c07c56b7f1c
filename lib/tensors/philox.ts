/**
 * One block of Philox 4x32-10: four random words from a counter of four words and a key of two,
 * written to `out` from `offset`.
 *
 * @source Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
  offset = 0,
): Uint32Array {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xD2511F53, c0), low0 = Math.imul(0xD2511F53, c0);
    const high1 = multiplyHigh(0xCD9E8D57, c2), low1 = Math.imul(0xCD9E8D57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9E3779B9) | 0;
    k1 = (k1 + 0xBB67AE85) | 0;
  }
  out[offset] = c0, out[offset + 1] = c1, out[offset + 2] = c2, out[offset + 3] = c3;
  return out;
}

/** Upper 32 bits of the 64-bit product of two unsigned words, from products of their halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xFFFF, aHigh = a >>> 16, bLow = b & 0xFFFF, bHigh = b >>> 16;
  const cross = aHigh * bLow + (Math.imul(aLow, bLow) >>> 16);
  const carried = aLow * bHigh + (cross % 0x10000);
  return (aHigh * bHigh + Math.floor(cross / 0x10000) + Math.floor(carried / 0x10000)) | 0;
}
