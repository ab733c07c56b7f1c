/**
 * A wider or deeper vision transformer that computes what a smaller one does. Channels of the tokens are
 * repeated, which leaves norms as they are, and the weights behind them divided; heads, hidden units and blocks
 * that are new are drawn, and nothing is read of them yet: the weights behind them are zero.
 *
 * @source Chen et al., Net2Net: accelerating learning via knowledge transfer, ICLR 2016, section 2: repeated
 *   channels and new layers that change nothing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import type { AttentionParameters } from "../attention.ts";
import { type BlockParameters, hiddenWidth } from "../block.ts";
import type { LinearParameters } from "../linear.ts";
import {
  initVisionTransformer,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "../vision_transformer.ts";
import { take, takeLinear, takeNorm } from "./select_tensors.ts";
import { kindMisfit, takeStem } from "./select_transformer.ts";

/**
 * What keeps a transformer from growing into another; undefined where nothing does: its width is multiplied by a
 * whole number at heads of one width, and it has no fewer blocks and hidden units.
 *
 * @example
 * ```ts
 * import { growthMisfit } from "./grow_transformer.ts";
 * const small = { imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2 };
 * if (growthMisfit(small, { ...small, depth: 4 }) !== undefined) throw new Error();
 * if (!growthMisfit(small, { ...small, width: 64 })?.includes("heads")) throw new Error();
 * ```
 */
export function growthMisfit(
  source: VisionTransformerConfig,
  target: VisionTransformerConfig,
): string | undefined {
  const kind = kindMisfit(source, target);
  if (kind !== undefined) return kind;
  if (target.width % source.width !== 0) {
    return `it has width ${source.width}, the student ${target.width}, which is no multiple of it`;
  }
  const [own, other] = [source.width / source.heads, target.width / target.heads];
  if (own !== other) return `it has heads of width ${own}, the student of ${other}`;
  const sizes = [
    ["depth", source.depth, target.depth],
    ["hidden width", hiddenWidth(source), hiddenWidth(target)],
  ] as const;
  const smaller = sizes.find(([, own, other]) => other < own);
  if (smaller === undefined) return undefined;
  const [what, before, after] = smaller;
  return `it has ${what} ${before}, the student ${after}, which is less in a network that is larger elsewhere`;
}

/**
 * Grows the parameters of `source` into those of `target`, with the same output: each channel of the tokens
 * `target.width / source.width` times in a row. Positions stay those of the source's grid.
 *
 * @param random draws the new parts.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { encode, initVisionTransformer } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { growTransformer } from "./grow_transformer.ts";
 * await startEngine();
 * const source = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 1 };
 * const target = { ...source, width: 16, heads: 2, depth: 2 };
 * const parameters = initVisionTransformer(source, randomStream(0));
 * const grown = growTransformer(parameters, source, target, randomStream(1));
 * const images = tf.ones<tf.Rank.R4>([1, 16, 16, 3]);
 * const [before, after] = [encode(parameters, images, source), encode(grown, images, target)];
 * if (Math.abs(before.cls.dataSync()[1]! - after.cls.dataSync()[2]!) > 1e-5) throw new Error();
 * ```
 */
export function growTransformer(
  parameters: VisionTransformerParameters,
  source: VisionTransformerConfig,
  target: VisionTransformerConfig,
  random: RandomStream,
): VisionTransformerParameters {
  const fresh = initVisionTransformer(target, random);
  const width = repeated(source.width, target.width);
  const { cls, position, registers, stem, blocks, norm } = parameters;
  const grown = Array.from({ length: target.depth }, (_, i) => {
    const own = blocks[i], drawn = fresh.blocks[i]!;
    const block = own === undefined
      ? withoutOutput(drawn)
      : growBlock(own, drawn, { source, target, width });
    return [`${i}`, block] as const;
  });
  return {
    cls: take(cls, width, 1),
    position: take(position, width, 1),
    // Absent rather than undefined: each key is a tensor.
    ...registers && { registers: take(registers, width, 1) },
    stem: "stages" in stem
      ? takeStem(stem, { source, target, choose: repeated })
      : takeLinear(stem, { inputs: rising(stem.weight.shape[0]), outputs: width }),
    blocks: Object.fromEntries(grown),
    norm: takeNorm(norm, width),
  };
}

interface Growth {
  readonly source: VisionTransformerConfig;
  readonly target: VisionTransformerConfig;
  /** The channel of the source that each of the target repeats. */
  readonly width: readonly number[];
}

/** Each of so many numbers several times in a row, up to `count`. */
function repeated(of: number, count: number): number[] {
  return rising(count).map((i) => Math.floor(i * of / count));
}

function rising(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** A block that passes its tokens on as they are, until its last layers have learnt something. */
function withoutOutput({ attention, mlp, ...rest }: BlockParameters): BlockParameters {
  const zeros = ({ weight, bias }: LinearParameters) => ({
    weight: tf.zerosLike(weight),
    bias: tf.zerosLike(bias),
  });
  return {
    ...rest,
    attention: { qkv: attention.qkv, output: zeros(attention.output) },
    mlp: { hidden: mlp.hidden, output: zeros(mlp.output) },
  };
}

function growBlock(
  { norm1, norm2, scale1, scale2, attention, mlp }: BlockParameters,
  fresh: BlockParameters,
  growth: Growth,
): BlockParameters {
  const { source, target, width } = growth;
  const [hidden, hiddenBefore] = [hiddenWidth(target), hiddenWidth(source)];
  return {
    norm1: takeNorm(norm1, width),
    attention: growAttention(attention, fresh.attention, growth),
    norm2: takeNorm(norm2, width),
    mlp: {
      hidden: withMore(
        takeLinear(mlp.hidden, { inputs: width, outputs: rising(hiddenBefore) }),
        fresh.mlp.hidden,
      ),
      output: withUnread(widened(mlp.output, width), hidden),
    },
    // Absent rather than undefined: each key is a tensor.
    ...scale1 && { scale1: take(scale1, width) },
    ...scale2 && { scale2: take(scale2, width) },
  };
}

/** Queries, keys and values lie side by side: each part has its own new heads. */
function growAttention(
  { qkv, output }: AttentionParameters,
  fresh: AttentionParameters,
  { source, target, width }: Growth,
): AttentionParameters {
  const parts = [0, 1, 2].map((part) => {
    const of = (config: VisionTransformerConfig) =>
      rising(config.width).map((i) => part * config.width + i);
    const own = takeLinear(qkv, { inputs: width, outputs: of(source) });
    const drawn = takeLinear(fresh.qkv, { inputs: rising(target.width), outputs: of(target) });
    return withMore(own, drawn);
  });
  return {
    qkv: {
      weight: tf.concat(parts.map(({ weight }) => weight), 1),
      bias: tf.concat(parts.map(({ bias }) => bias)),
    },
    output: withUnread(widened(output, width), target.width),
  };
}

/** A layer whose outputs are repeated, of inputs that stay. */
function widened(layer: LinearParameters, outputs: readonly number[]): LinearParameters {
  return takeLinear(layer, { inputs: rising(layer.weight.shape[0]), outputs });
}

/** A layer with further outputs behind its own: those that another one has there. */
function withMore(own: LinearParameters, other: LinearParameters): LinearParameters {
  const [inputs, outputs] = own.weight.shape, more = other.weight.shape[1] - outputs;
  if (more === 0) return own;
  return {
    weight: tf.concat([own.weight, tf.slice(other.weight, [0, outputs], [inputs, more])], 1),
    bias: tf.concat([own.bias, tf.slice(other.bias, [outputs], [more])]),
  };
}

/** A layer with further inputs, which it does not read yet. */
function withUnread({ weight, bias }: LinearParameters, inputs: number): LinearParameters {
  return { weight: tf.pad(weight, [[0, inputs - weight.shape[0]], [0, 0]]), bias };
}
