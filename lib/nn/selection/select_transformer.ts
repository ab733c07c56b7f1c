/**
 * The weights of a narrower or shallower vision transformer out of those of a larger one: every n-th block,
 * channel, head and hidden unit.
 *
 * @source Xu et al., Initializing models with larger ones, ICLR 2024, section 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { AttentionParameters } from "../attention.ts";
import { type BlockParameters, hiddenWidth } from "../block.ts";
import { type ConvolutionStemParameters, stemChannels } from "../convolution_stem.ts";
import type {
  VisionTransformerConfig,
  VisionTransformerParameters,
} from "../vision_transformer.ts";
import { blockConfigOf, isPruned } from "../block_shapes.ts";
import { fromNamedTensors, namedTensors } from "../../tensors/parameters.ts";
import { spacedIndices } from "./spaced_indices.ts";
import { take, takeLinear, takeNorm } from "./select_tensors.ts";

/**
 * What keeps a transformer from being a selection of another; undefined where nothing does. Sizes of images
 * may differ.
 *
 * @example
 * ```ts
 * import { transformerMisfit } from "./select_transformer.ts";
 * const large = { imageSize: 32, patchSize: 8, width: 64, depth: 4, heads: 4 };
 * if (transformerMisfit(large, { ...large, width: 32, heads: 2 }) !== undefined) throw new Error();
 * if (!transformerMisfit(large, { ...large, depth: 5 })?.includes("depth 4")) throw new Error();
 * ```
 */
export function transformerMisfit(
  source: VisionTransformerConfig,
  target: VisionTransformerConfig,
): string | undefined {
  const kind = kindMisfit(source, target);
  if (kind !== undefined) return kind;
  const pruned = prunedMisfit(source, target);
  if (pruned !== undefined) return pruned;
  const sizes = [
    ["width", source.width, target.width],
    ["depth", source.depth, target.depth],
    ["heads", source.heads, target.heads],
    ["width of a head", source.width / source.heads, target.width / target.heads],
    ["hidden width", hiddenWidth(source), hiddenWidth(target)],
  ] as const;
  const larger = sizes.find(([, own, other]) => own < other);
  if (larger === undefined) return undefined;
  const [what, own, other] = larger;
  return `it has ${what} ${own}, the student ${other}, which is more`;
}

/** What tells two transformers apart that no selection and no growth can change; undefined where nothing does. */
export function kindMisfit(
  source: VisionTransformerConfig,
  target: VisionTransformerConfig,
): string | undefined {
  const equal = [
    ["patches of", source.patchSize, target.patchSize],
    ["registers", source.registers ?? 0, target.registers ?? 0],
    ["the stem", source.stem ?? "patch", target.stem ?? "patch"],
    ["a LayerScale:", source.layerScale !== undefined, target.layerScale !== undefined],
  ] as const;
  const different = equal.find(([, own, other]) => own !== other);
  if (different === undefined) return undefined;
  const [what, own, other] = different;
  return `it has ${what} ${own}, the student ${what} ${other}`;
}

/**
 * Selects the parameters of `target` from those of `source`: evenly spaced blocks, channels, heads, channels
 * within a head, and hidden units. Weights grow by the share of inputs that is left out, and queries so that
 * products with keys stay as large. Positions stay those of the source's grid.
 *
 * @throws {UserError} Where {@linkcode transformerMisfit} has something to say of sizes.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initVisionTransformer } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { selectTransformer } from "./select_transformer.ts";
 * await startEngine();
 * const source = { imageSize: 32, patchSize: 8, width: 64, depth: 4, heads: 4 };
 * const target = { ...source, width: 32, depth: 2, heads: 2 };
 * const selected = selectTransformer(initVisionTransformer(source, randomStream(0)), source, target);
 * if (selected.blocks[1]?.attention.qkv.weight.shape.join() !== "32,96") throw new Error();
 * ```
 */
export function selectTransformer(
  parameters: VisionTransformerParameters,
  source: VisionTransformerConfig,
  target: VisionTransformerConfig,
): VisionTransformerParameters {
  // Pruned blocks fit only such of the same widths, of which all is taken.
  if (isPruned(source)) return cloned(parameters);
  const width = spacedIndices(source.width, target.width);
  const { cls, position, registers, stem, blocks, norm } = parameters;
  const depth = spacedIndices(source.depth, target.depth);
  const selected = depth.map((from, to) => {
    return [`${to}`, selectBlock(blocks[from]!, { source, target, width })] as const;
  });
  const pixels = Array.from({ length: 3 * source.patchSize ** 2 }, (_, i) => i);
  return {
    cls: take(cls, width, 1),
    position: take(position, width, 1),
    // Absent rather than undefined: each key is a tensor.
    ...registers && { registers: take(registers, width, 1) },
    stem: "stages" in stem
      ? takeStem(stem, { source, target, choose: spacedIndices })
      : takeLinear(stem, { inputs: pixels, outputs: width }),
    blocks: Object.fromEntries(selected),
    norm: takeNorm(norm, width),
  };
}

function cloned(parameters: VisionTransformerParameters): VisionTransformerParameters {
  const tensors = namedTensors(parameters).map(([name, tensor]) =>
    [name, tf.clone(tensor)] as const
  );
  // The names and shapes are those of what is cloned.
  return fromNamedTensors(tensors) as VisionTransformerParameters;
}

/** What keeps pruned blocks from being those of another transformer. */
function prunedMisfit(
  source: VisionTransformerConfig,
  target: VisionTransformerConfig,
): string | undefined {
  if (!isPruned(source) && !isPruned(target)) return undefined;
  const shapes = [source, target].map((config) =>
    Array.from({ length: config.depth }, (_, i) => {
      const { width, heads, headWidth, queryWidth } = { ...config, ...blockConfigOf(config, i) };
      return { width, heads, headWidth, queryWidth, hidden: hiddenWidth(blockConfigOf(config, i)) };
    })
  );
  const [own, wanted] = shapes.map((blocks) => JSON.stringify(blocks));
  return own === wanted ? undefined : "its pruned blocks have other widths than the student's";
}

interface Selection {
  readonly source: VisionTransformerConfig;
  readonly target: VisionTransformerConfig;
  /** Channels of the source that the target has. */
  readonly width: readonly number[];
}

function selectBlock(
  { norm1, norm2, scale1, scale2, attention, mlp }: BlockParameters,
  selection: Selection,
): BlockParameters {
  const { source, target, width } = selection;
  const hidden = spacedIndices(hiddenWidth(source), hiddenWidth(target));
  return {
    norm1: takeNorm(norm1, width),
    attention: selectAttention(attention, selection),
    norm2: takeNorm(norm2, width),
    mlp: {
      hidden: takeLinear(mlp.hidden, { inputs: width, outputs: hidden }),
      output: takeLinear(mlp.output, { inputs: hidden, outputs: width }),
    },
    // Absent rather than undefined: each key is a tensor.
    ...scale1 && { scale1: take(scale1, width) },
    ...scale2 && { scale2: take(scale2, width) },
  };
}

function selectAttention(
  { qkv, output }: AttentionParameters,
  { source, target, width }: Selection,
): AttentionParameters {
  const [from, to] = [source.width / source.heads, target.width / target.heads];
  const channels = spacedIndices(from, to);
  const joined = spacedIndices(source.heads, target.heads)
    .flatMap((head) => channels.map((channel) => head * from + channel));
  const parts = [0, 1, 2].flatMap((part) => joined.map((at) => part * source.width + at));
  const { weight, bias } = takeLinear(qkv, { inputs: width, outputs: parts });
  // Products of fewer channels, divided by the smaller root.
  const factor = Math.sqrt(from / to), queries = target.width;
  const factors = tf.tensor1d(parts.map((_, i) => i < queries ? factor : 1));
  return {
    qkv: { weight: tf.mul(weight, factors), bias: tf.mul(bias, factors) },
    output: takeLinear(output, { inputs: joined, outputs: width }),
  };
}

/**
 * A stem whose channels are those that `choose` takes of each stage, like the tokens'; a row of weights is a
 * channel of one of nine pixels.
 */
export function takeStem(
  { stages, output }: ConvolutionStemParameters,
  { source, target, choose }: {
    readonly source: VisionTransformerConfig;
    readonly target: VisionTransformerConfig;
    readonly choose: (of: number, count: number) => readonly number[];
  },
): ConvolutionStemParameters {
  const [from, to] = [stemChannels(source), stemChannels(target)];
  const channels = from.map((count, i) => choose(count, to[i]!));
  const selected = channels.map((outputs, i) => {
    const inputs = channels[i - 1] ?? [0, 1, 2], count = from[i - 1] ?? 3;
    const rows = Array.from({ length: 9 }, (_, pixel) => pixel)
      .flatMap((pixel) => inputs.map((channel) => pixel * count + channel));
    const { convolution, norm } = stages[i]!;
    return [`${i}`, {
      convolution: takeLinear(convolution, { inputs: rows, outputs }),
      norm: takeNorm(norm, outputs),
    }] as const;
  });
  const width = channels.at(-1)!;
  return {
    stages: Object.fromEntries(selected),
    output: takeLinear(output, { inputs: width, outputs: width }),
  };
}
