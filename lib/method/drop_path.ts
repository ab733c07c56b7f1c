/** Stochastic depth: which residual branches of a step are dropped, for which images. */
import { type EncoderConfig, isTransformer } from "../nn/encoder.ts";
import type { RandomStream } from "../tensors/random.ts";

/**
 * Multipliers of the residual branches for stochastic depth, `[depth, 2, batch]` flattened. The rate
 * rises linearly from 0 in the first block to `config.dropPath`, in single precision as in the reference.
 * Up to a rate of 0.1 each image drops by itself and the kept are scaled by 1 / (1 - rate); above, a
 * random subset of floor(batch * (1 - rate)) images, at least one, is kept and scaled by batch / subset.
 * In single precision the last block's 0.1 lies above 0.1, so by default that block draws a subset, and
 * of ten images it keeps eight.
 *
 * @source UNIC, reference defaults.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { drawDropPath } from "@hashigo/hashigo/method";
 * const config = { imageSize: 32, patchSize: 8, width: 16, depth: 3, heads: 2 };
 * const multipliers = drawDropPath(config, 10, randomStream(0));
 * const first = multipliers.subarray(0, 20), last = multipliers.subarray(40, 50);
 * if (first.some((m) => m !== 1)) throw new Error("The first block never drops");
 * if (last.filter((m) => m > 0).length !== 8) throw new Error("float32(0.1) > 0.1");
 * ```
 */
export function drawDropPath(
  config: EncoderConfig,
  batch: number,
  random: RandomStream,
): Float32Array {
  // A convolutional network has no branch that drops: one row of ones, which it does not read.
  if (!isTransformer(config)) return new Float32Array(2 * batch).fill(1);
  const { depth, dropPath = 0.1 } = config;
  const multipliers = new Float32Array(depth * 2 * batch);
  for (let i = 0; i < depth; i++) {
    const rate = depth === 1 ? 0 : Math.fround(dropPath * i / (depth - 1));
    for (const branch of [0, 1]) {
      const stream = random.at(i, branch), start = (i * 2 + branch) * batch;
      multipliers.set(drawBranch(rate, batch, stream), start);
    }
  }
  return multipliers;
}

function drawBranch(rate: number, batch: number, random: RandomStream): Float32Array {
  if (rate <= 0.1) {
    return random.uniform(batch).map((uniform) => uniform < rate ? 0 : 1 / (1 - rate));
  }
  const subset = Math.max(Math.floor(batch * (1 - rate)), 1);
  const multipliers = new Float32Array(batch);
  for (const image of random.permutation(batch).subarray(0, subset)) {
    multipliers[image] = batch / subset;
  }
  return multipliers;
}
