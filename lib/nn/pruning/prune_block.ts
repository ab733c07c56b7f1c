/** Prunes the heads and the hidden units of a transformer's block. */
import * as tf from "@tensorflow/tfjs";
import { Matrix } from "ml-matrix";
import { attention, type AttentionParameters, attentionWidths, mixValues } from "../attention.ts";
import {
  block,
  type BlockConfig,
  type BlockParameters,
  hiddenWidth,
  scaleTokens,
} from "../block.ts";
import { gelu } from "../gelu.ts";
import { layerNorm } from "../layer_norm.ts";
import { linear, type LinearParameters } from "../linear.ts";
import type { MlpParameters } from "../mlp.ts";
import { take } from "../selection/select_tensors.ts";
import { chooseGroups, inputsOfGroups, orderInputs } from "./choose_inputs.ts";
import { lowRankProduct } from "./low_rank.ts";
import { outputVariance } from "./output_variance.ts";
import type { RankedBlock } from "./prune_stages.ts";
import {
  type LayerToPrune,
  measuredLayer,
  type PrunedLayer,
  pruneLayer,
  shiftedBias,
} from "./pruned_layer.ts";
import { type SecondMoments, secondMoments } from "./second_moments.ts";

/** Widths of a block's parts. */
export interface BlockWidths {
  readonly heads: number;
  /** Of a head's queries and keys. */
  readonly queryWidth: number;
  /** Of the MLP. */
  readonly hidden: number;
}

/** The widths of a block as it is. */
export function widthsOf(config: BlockConfig): BlockWidths {
  const { queryWidth } = attentionWidths(config);
  return { heads: config.heads, queryWidth, hidden: hiddenWidth(config) };
}

/**
 * Orders the hidden units of a block.
 *
 * @param tokens What comes into the block, in batches; borrowed.
 */
export async function rankBlock(
  parameters: BlockParameters,
  config: BlockConfig,
  tokens: readonly tf.Tensor3D[],
): Promise<RankedBlock> {
  const size = await outputVariance(
    tokens.length,
    (batch) => block(parameters, tokens[batch]!, config),
  );
  const layer = await outputOfMlp(parameters, config, tokens);
  const scale = await parameters.scale2?.data<"float32">();
  const { order, harm } = orderInputs(measuredLayer({ ...layer, scale }));
  const [, count, width] = tokens[0]!.shape;
  return {
    orders: [order],
    harm: harm.map((value) => value / (size || 1)),
    operations: 2 * count * 2 * width,
  };
}

/** Options of {@linkcode pruneBlock}. */
export interface PruneBlockOptions {
  readonly widths: Pick<BlockWidths, "heads" | "queryWidth">;
  /** Hidden units that stay, rising. */
  readonly kept: readonly number[];
  readonly compensated?: boolean | undefined;
}

/** A block that was pruned. */
export interface PrunedBlock {
  /** Owned by the caller. */
  readonly parameters: BlockParameters;
  readonly config: BlockConfig;
}

/**
 * Prunes a block: first whole heads, then the rank of what the others' queries and keys make, then hidden units.
 *
 * @param tokens What comes into the block, in batches; borrowed.
 */
export async function pruneBlock(
  parameters: BlockParameters,
  config: BlockConfig,
  tokens: readonly tf.Tensor3D[],
  { widths, kept, compensated }: PruneBlockOptions,
): Promise<PrunedBlock> {
  const { norm1, norm2, scale1, scale2 } = parameters;
  const attention = await pruneAttention(parameters.attention, config, {
    ...{ batches: tokens.length, widths, compensated },
    normed: (batch) => layerNorm(norm1, tokens[batch]!),
  });
  const { headWidth } = attentionWidths(config);
  const cut = { ...config, heads: widths.heads, headWidth, queryWidth: widths.queryWidth };
  const layer = await outputOfMlp({ ...parameters, attention }, cut, tokens);
  const choice = pruneLayer(layer, kept, { compensated });
  return {
    parameters: {
      norm1: { weight: tf.clone(norm1.weight), bias: tf.clone(norm1.bias) },
      attention,
      norm2: { weight: tf.clone(norm2.weight), bias: tf.clone(norm2.bias) },
      mlp: tf.tidy(() => cutMlp(parameters.mlp, choice)),
      // Absent rather than undefined: each key is a tensor.
      ...scale1 && { scale1: tf.clone(scale1) },
      ...scale2 && { scale2: tf.clone(scale2) },
    },
    config: { ...cut, hidden: kept.length },
  };
}

/** The second layer of a block's MLP with the moments of what it takes. */
async function outputOfMlp(
  parameters: BlockParameters,
  config: BlockConfig,
  tokens: readonly tf.Tensor3D[],
): Promise<LayerToPrune> {
  const { norm1, norm2, scale1, mlp } = parameters;
  const moments = await secondMoments(tokens.length, (batch) => {
    const own = attention(parameters.attention, layerNorm(norm1, tokens[batch]!), config);
    const middle = tf.add<tf.Tensor3D>(tokens[batch]!, scaleTokens(own, scale1));
    return gelu(linear(mlp.hidden, layerNorm(norm2, middle)));
  });
  return { weight: await mlp.output.weight.data<"float32">(), moments, centred: true };
}

function cutMlp({ hidden, output }: MlpParameters, choice: PrunedLayer): MlpParameters {
  return {
    hidden: { weight: take(hidden.weight, choice.kept, 1), bias: take(hidden.bias, choice.kept) },
    output: foldedLinear(output, choice),
  };
}

function foldedLinear({ bias }: LinearParameters, { kept, weight, shift }: PrunedLayer) {
  return { weight: tf.tensor2d(weight, [kept.length, bias.size]), bias: shiftedBias(bias, shift) };
}

interface AttentionInputs {
  readonly batches: number;
  /** Normalised tokens of a batch. */
  readonly normed: (batch: number) => tf.Tensor3D;
  readonly widths: PruneBlockOptions["widths"];
  readonly compensated: boolean | undefined;
}

async function pruneAttention(
  parameters: AttentionParameters,
  config: BlockConfig,
  { batches, normed, widths: { heads, queryWidth }, compensated }: AttentionInputs,
): Promise<AttentionParameters> {
  const own = attentionWidths(config), size = own.headWidth;
  const moments = await secondMoments(
    batches,
    (batch) => mixValues(parameters, normed(batch), config),
  );
  const weight = await parameters.output.weight.data<"float32">();
  const layer = { weight, moments, centred: true };
  const groups = chooseGroups(measuredLayer(layer), { size, count: heads });
  const choice = pruneLayer(layer, inputsOfGroups(groups, size), { compensated });
  const queries = inputsOfGroups(groups, own.queryWidth);
  const parts = [
    ...queries,
    ...queries.map((column) => own.queries + column),
    ...choice.kept.map((column) => 2 * own.queries + column),
  ];
  const cut = tf.tidy(() => ({
    weight: take(parameters.qkv.weight, parts, 1),
    bias: take(parameters.qkv.bias, parts),
  }));
  const qkv = queryWidth === own.queryWidth ? cut : await narrowQueries(cut, {
    ...{ heads, from: own.queryWidth, to: queryWidth },
    moments: await secondMoments(batches, normed),
  });
  return { qkv, output: tf.tidy(() => foldedLinear(parameters.output, choice)) };
}

/** Queries and keys of fewer numbers, whose products are nearest to what they were; `qkv` is freed. */
async function narrowQueries(
  qkv: LinearParameters,
  { heads, from, to, moments }: {
    readonly heads: number;
    readonly from: number;
    readonly to: number;
    readonly moments: SecondMoments;
  },
): Promise<LinearParameters> {
  const [inputs = 0, columns = 0] = qkv.weight.shape;
  const weight = await qkv.weight.data<"float32">(), bias = await qkv.bias.data<"float32">();
  qkv.weight.dispose();
  qkv.bias.dispose();
  const rows = Array.from(
    { length: inputs },
    (_, row) => Array.from(weight.subarray(row * columns, (row + 1) * columns)),
  );
  // A last input of 1 stands for the bias.
  const all = new Matrix([...rows, Array.from(bias)]);
  const products = withOne(moments);
  const part = (at: number) => all.subMatrix(0, inputs, at, at + from - 1);
  // Products are divided by the root of the width, which is another now.
  const factor = Math.sqrt(to / from), joined: Matrix[] = [];
  const pairs = Array.from({ length: heads }, (_, head) =>
    lowRankProduct(
      { left: part(head * from), right: part((heads + head) * from) },
      products,
      to,
    ));
  for (const { left } of pairs) joined.push(left.mul(factor));
  for (const { right } of pairs) joined.push(right);
  joined.push(all.subMatrix(0, inputs, 2 * heads * from, columns - 1));
  const side = Array.from(
    { length: inputs + 1 },
    (_, row) => joined.flatMap((matrix) => matrix.getRow(row)),
  );
  const last = side.pop()!;
  return { weight: tf.tensor2d(side), bias: tf.tensor1d(last) };
}

/** Second moments of tokens with a last number of 1. */
function withOne({ width, mean, products }: SecondMoments): Matrix {
  const rows = Array.from({ length: width }, (_, row) => [
    ...products.subarray(row * width, (row + 1) * width),
    mean[row]!,
  ]);
  return new Matrix([...rows, [...mean, 1]]);
}
