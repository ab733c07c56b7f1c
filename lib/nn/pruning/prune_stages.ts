/** Prunes the channels inside the blocks of a convolutional network. */
import * as tf from "@tensorflow/tfjs";
import {
  convolutionLayer,
  type ConvolutionParameters,
} from "../convolutional/convolution_layer.ts";
import { hiddenWidthOf } from "../convolutional/hidden_widths.ts";
import {
  type InvertedResidualStage,
  layersOf,
  runStage,
  type Stage,
  type StageParameters,
} from "../convolutional/stage.ts";
import { take } from "../selection/select_tensors.ts";
import type { BlockHarm } from "./allocate.ts";
import { orderInputs } from "./choose_inputs.ts";
import { correctionOf } from "./correct_layer.ts";
import { outputVariance } from "./output_variance.ts";
import {
  type LayerToPrune,
  measuredLayer,
  type PrunedLayer,
  pruneLayer,
  shiftedBias,
} from "./pruned_layer.ts";
import { secondMoments } from "./second_moments.ts";

/** Convolutions whose output channels are cut, and the one that takes them. */
interface Branch {
  /** From what comes into the stage, in order. */
  readonly before: readonly string[];
  /** Of these the channels are cut: a filter of each channel needs what feeds it. */
  readonly cut: readonly string[];
  readonly taker: string;
}

function branchesOf(stage: Stage): readonly Branch[] {
  // A filter on what comes in has no channels of its own.
  if (hiddenWidthOf(stage) === undefined) return [];
  switch (stage.kind) {
    case "invertedResidual":
      return [{ before: ["expand", "depthwise"], cut: ["expand", "depthwise"], taker: "project" }];
    case "basicBlock":
      return [{ before: ["first"], cut: ["first"], taker: "second" }];
    case "bottleneck":
      return [
        { before: ["first"], cut: ["first"], taker: "second" },
        { before: ["first", "second"], cut: ["second"], taker: "third" },
      ];
    default:
      return [];
  }
}

/** The channels inside a block, ordered by how much they are missed. */
export interface RankedBlock extends BlockHarm {
  /** Of each layer that takes them, the least missed first. */
  readonly orders: readonly (readonly number[])[];
}

/**
 * Orders the channels inside a stage.
 *
 * @param maps What comes into the stage, in batches; borrowed.
 * @returns Undefined where it has no channels of its own.
 */
export async function rankStage(
  parameters: StageParameters,
  stage: Stage,
  maps: readonly tf.Tensor4D[],
): Promise<RankedBlock | undefined> {
  const branches = branchesOf(stage);
  const width = hiddenWidthOf(stage);
  if (width === undefined) return undefined;
  const size = await outputVariance(
    maps.length,
    (batch) => runStage(parameters, maps[batch]!, stage),
  );
  const harm = new Float64Array(width), orders: (readonly number[])[] = [];
  for (const branch of branches) {
    const layer = await layerToPrune(parameters, stage, maps, branch);
    const ranked = orderInputs(measuredLayer(layer));
    orders.push(ranked.order);
    ranked.harm.forEach((value, count) => harm[count]! += value / (size || 1));
  }
  return { orders, harm, operations: operationsOf(stage, maps[0]!.shape[1]) / width };
}

/** Operations of a stage for one image in the convolutions that touch the channels inside. */
function operationsOf(stage: Stage, input: number): number {
  let side = input, sum = 0;
  for (const { name, layer } of layersOf(stage)) {
    if (name === "shortcut") continue;
    side = Math.ceil(side / (layer.stride ?? 1));
    const { kernel, inputs, outputs, depthwise = false } = layer;
    sum += 2 * side ** 2 * kernel ** 2 * outputs * (depthwise ? 1 : inputs);
  }
  return sum;
}

async function layerToPrune(
  parameters: StageParameters,
  stage: Stage,
  maps: readonly tf.Tensor4D[],
  { before, taker }: Branch,
): Promise<LayerToPrune> {
  const layers = new Map(layersOf(stage).map(({ name, layer }) => [name, layer]));
  const moments = await secondMoments(maps.length, (batch) =>
    before.reduce(
      (map, name) => convolutionLayer(parameters[name]!, map, layers.get(name)!),
      maps[batch]!,
    ));
  const { weight, scale } = parameters[taker]!, [height, width, , outputs] = weight.shape;
  const rows = tf.tidy(() => tf.transpose(weight, [2, 0, 1, 3]));
  const factors = await scale?.data<"float32">(), taps = height * width;
  const data = await rows.data<"float32">();
  rows.dispose();
  return {
    weight: data,
    moments,
    // Zeros around a map have no mean that a bias could take up.
    centred: taps === 1,
    scale: factors &&
      Float32Array.from({ length: taps * outputs }, (_, i) => factors[i % outputs]!),
  };
}

/**
 * Prunes the channels inside a stage.
 *
 * @param maps What comes into the stage, in batches; borrowed.
 * @param options kept: of each layer that takes them the channels that stay, rising; targets: what the stage gave before
 *   anything was pruned, in batches, borrowed.
 * @returns Parameters that the caller owns.
 */
export async function pruneStage(
  parameters: StageParameters,
  stage: Stage,
  maps: readonly tf.Tensor4D[],
  { kept, targets, compensated = true }: {
    readonly kept: readonly (readonly number[])[];
    readonly targets: readonly tf.Tensor4D[];
    readonly compensated?: boolean | undefined;
  },
): Promise<StageParameters> {
  let pruned = cloneLayers(parameters);
  for (const [i, branch] of branchesOf(stage).entries()) {
    const layer = await layerToPrune(pruned, stage, maps, branch);
    const choice = pruneLayer(layer, kept[i]!, { compensated });
    const next = tf.tidy(() => ({ ...pruned, ...cutLayers(pruned, choice, branch) }));
    disposeLayers(pruned, [...branch.cut, branch.taker]);
    pruned = next;
  }
  // What other blocks give passes a rectifier, behind which nothing tells what was lacking before it.
  if (kept.length === 0 || stage.kind !== "invertedResidual" || !compensated) return pruned;
  return await corrected(
    pruned,
    { ...stage, hidden: kept[0]!.length, expanded: true },
    maps,
    targets,
  );
}

/** With a projection that also makes up for what the stages before do not give any more; the old one is freed. */
async function corrected(
  parameters: StageParameters,
  stage: InvertedResidualStage,
  maps: readonly tf.Tensor4D[],
  targets: readonly tf.Tensor4D[],
): Promise<StageParameters> {
  const layers = new Map(layersOf(stage).map(({ name, layer }) => [name, layer]));
  const run = (map: tf.Tensor4D, name: string) =>
    convolutionLayer(parameters[name]!, map, layers.get(name)!);
  const found = await correctionOf({
    batches: maps.length,
    inputs: (batch) => ["expand", "depthwise"].reduce(run, maps[batch]!),
    lacking: (batch) => tf.sub(targets[batch]!, runStage(parameters, maps[batch]!, stage)),
  });
  const project = tf.tidy(() => {
    const { weight, bias, scale } = parameters.project!;
    const added = tf.tensor4d(found.weight, weight.shape);
    return {
      weight: tf.add<tf.Tensor4D>(weight, scale === undefined ? added : tf.div(added, scale)),
      bias: tf.add<tf.Tensor1D>(bias, tf.tensor1d(found.bias)),
      // Absent rather than undefined: each key is a tensor.
      ...scale && { scale: tf.clone(scale) },
    };
  });
  disposeLayers(parameters, ["project"]);
  return { ...parameters, project };
}

function cutLayers(
  parameters: StageParameters,
  { kept, weight: folded, shift }: PrunedLayer,
  { cut, taker }: Branch,
): StageParameters {
  const producers = cut.map((name) =>
    [name, cutOutputs(parameters[name]!, kept, name === "depthwise" ? 2 : 3)] as const
  );
  const { weight, bias, scale } = parameters[taker]!, [height, width, , outputs] = weight.shape;
  const rows = tf.tensor4d(folded, [kept.length, height, width, outputs]);
  const taken: ConvolutionParameters = {
    weight: tf.transpose(rows, [1, 2, 0, 3]),
    bias: height * width === 1 ? shiftedBias(bias, shift, scale) : tf.clone(bias),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: tf.clone(scale) },
  };
  return { ...Object.fromEntries(producers), [taker]: taken };
}

/** Some outputs of a convolution; `axis` is where its weight has them. */
function cutOutputs(
  { weight, bias, scale }: ConvolutionParameters,
  kept: readonly number[],
  axis: 2 | 3,
): ConvolutionParameters {
  return {
    weight: take(weight, kept, axis),
    bias: take(bias, kept),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: take(scale, kept) },
  };
}

function cloneLayers(parameters: StageParameters): StageParameters {
  const entries = Object.entries(parameters).map(([name, layer]) => {
    const tensors = Object.entries(layer).map(([key, tensor]) => [key, tf.clone(tensor)] as const);
    return [name, Object.fromEntries(tensors) as ConvolutionParameters] as const;
  });
  return Object.fromEntries(entries);
}

function disposeLayers(parameters: StageParameters, names: readonly string[]): void {
  for (const name of names) tf.dispose(Object.values(parameters[name]!));
}
