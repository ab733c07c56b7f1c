/** How many channels each block gives up, so that all together lose least. */

/** What a block loses with its channels. */
export interface BlockHarm {
  /** Share of the block's output that is lost with that many channels gone, from none on, `[channels]`. */
  readonly harm: Float64Array;
  /** Operations for one image that a channel takes. */
  readonly operations: number;
}

/** Blocks keep at least this share of their channels, as far as the whole allows. */
const leastKept = 1 / 8;

/**
 * Channels of each block that go, by one price of harm for an operation for all blocks, such that a share of all
 * operations goes: blocks whose channels do each other's work give up more.
 *
 * @param share Of the operations in all channels, between 0 and 1.
 * @returns Channels that go, by block.
 *
 * @example
 * ```ts
 * import { allocate } from "./allocate.ts";
 * const needed = { harm: Float64Array.of(0, 4, 8, 12), operations: 1 };
 * const spare = { harm: Float64Array.of(0, 1, 3, 6), operations: 1 };
 * if (allocate([needed, spare], 0.25).join() !== "0,2") throw new Error("Two of eight, from the spare ones");
 * ```
 */
export function allocate(blocks: readonly BlockHarm[], share: number): number[] {
  const all = blocks.reduce((sum, { harm, operations }) => sum + harm.length * operations, 0);
  const kept = Math.min(leastKept, 1 - share);
  const limits = blocks.map(({ harm }) => Math.floor((1 - kept) * harm.length));
  const goneAt = (price: number) => blocks.map((block, i) => goneFor(block, price, limits[i]!));
  const savedAt = (price: number) =>
    goneAt(price).reduce((sum, count, i) => sum + count * blocks[i]!.operations, 0);
  // Prices differ by powers of ten, so their logarithm is halved.
  let [low, high] = [-60, 20];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (savedAt(10 ** middle) < share * all) low = middle;
    else high = middle;
  }
  return goneAt(10 ** high);
}

/** The most channels of which the last ones each cost less than the price of what they save. */
function goneFor({ harm, operations }: BlockHarm, price: number, limit: number): number {
  let count = 0;
  // Harm grows ever faster but for noise: what counts is the cheapest way to each number.
  for (let next = 1; next <= limit; next++) {
    if (harm[next]! - harm[count]! <= price * operations * (next - count)) count = next;
  }
  return count;
}
