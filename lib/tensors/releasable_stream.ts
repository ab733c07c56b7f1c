/** Random numbers whose arrays are freed when they are no longer needed, and not when garbage is collected. */
import type { RandomStream } from "./random.ts";

/** A stream, and the end of all arrays that it gave. */
export interface ReleasableStream {
  /** The same numbers as those of the stream that it was made of. */
  readonly stream: RandomStream;
  /** Frees the arrays: they are empty from then on. */
  release(): void;
}

/**
 * A stream that remembers the arrays which it and the streams of longer addresses give. Of a large network they
 * are as large as its parameters, and would lie beside those until garbage is collected.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { releasableStream } from "./releasable_stream.ts";
 * const { stream, release } = releasableStream(randomStream(1));
 * const numbers = stream.at("weight").normal(3);
 * release();
 * if (numbers.length !== 0) throw new Error("Expected an array without memory");
 * ```
 */
export function releasableStream(random: RandomStream): ReleasableStream {
  const given: ArrayBuffer[] = [];
  const remember = <A extends Float32Array | Uint32Array>(array: A): A => {
    given.push(array.buffer as ArrayBuffer);
    return array;
  };
  const wrap = (own: RandomStream): RandomStream => ({
    at: (...address) => wrap(own.at(...address)),
    uniform: (count) => remember(own.uniform(count)),
    normal: (count) => remember(own.normal(count)),
    truncatedNormal: (count, std) => remember(own.truncatedNormal(count, std)),
    bits: (count) => remember(own.bits(count)),
    permutation: (n) => remember(own.permutation(n)),
  });
  return {
    stream: wrap(random),
    release() {
      // Its memory goes with the buffer that takes it over, which has no room for it.
      for (const buffer of given.splice(0)) if (!buffer.detached) buffer.transfer(0);
    },
  };
}
