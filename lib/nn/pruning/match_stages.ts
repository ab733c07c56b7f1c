/**
 * Fits the layers of a narrower convolutional network to those of the network that it took its channels from, one
 * after the other: on some images each gives what its channels gave there, as nearly as it can.
 *
 * With half of its inputs a layer computes something else, and after fifty of them hardly anything of an image is
 * left; a layer norm would at least keep its size, folded batch norms do not.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type ConvolutionLayer,
  convolutionLayer,
  type ConvolutionParameters,
} from "../convolutional/convolution_layer.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../convolutional/convolutional_config.ts";
import type { StagesParameters } from "../convolutional/network.ts";
import { layersOf, runStage, type Stage, type StageParameters } from "../convolutional/stage.ts";
import { correctionOf, type LackingLayer } from "./correct_layer.ts";
import { secondMoments } from "./second_moments.ts";
import { pairStages, selectChannels, type SelectedStage } from "../selection/channel_selection.ts";
import { take } from "../selection/select_tensors.ts";

/** A channel that hardly varied is not blown up further than this. */
const largestGain = 10;

/** Numbers that an output follows from in a layer that is fitted: solving for more takes minutes. */
const mostInputs = 1200;

/** A convolutional network, and what its weights are. */
export interface StagesNetwork {
  readonly config: ConvolutionalConfig;
  readonly parameters: StagesParameters;
}

/**
 * Whether a network has fewer channels than the one it is a selection of; fewer blocks alone need no fitting.
 *
 * @example
 * ```ts
 * import { isNarrower } from "./match_stages.ts";
 * const source = { kind: "resnet_cifar", blocks: 3, imageSize: 32 } as const;
 * if (!isNarrower(source, { ...source, widthMultiplier: 0.5 })) throw new Error("Half the channels");
 * if (isNarrower(source, { ...source, blocks: 1 })) throw new Error("All channels");
 * ```
 */
export function isNarrower(source: ConvolutionalConfig, target: ConvolutionalConfig): boolean {
  return pairStages(source, target).some(({ from, to }) => from.outputs !== to.outputs);
}

/**
 * The parameters of `target`, changed layer by layer: each becomes the ridge regression of what its channels gave in
 * `source` on what comes in. Of filters that see one channel, or more than 1,200 numbers, each channel gets the mean
 * and the deviation that it had (as re-estimated batch norms have: Yu et al., Slimmable neural networks, ICLR 2019).
 *
 * @param source The network whose channels were selected; borrowed.
 * @param target The selection, by {@linkcode selectStages}; borrowed.
 * @param batches `[batch, height, width, 3]` each, as both networks take them; borrowed.
 * @returns New parameters, the caller's.
 * @throws {UserError} Where numbers are not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { matchStages } from "./match_stages.ts";
 * import { selectStages } from "../selection/select_stages.ts";
 * await startEngine();
 * const config = { kind: "resnet_cifar", blocks: 1, imageSize: 32 } as const;
 * const half = { ...config, widthMultiplier: 0.5 };
 * const parameters = initEncoder(config, randomStream(0)) as Parameters<typeof selectStages>[0];
 * const selected = { config: half, parameters: selectStages(parameters, config, half) };
 * const images = tf.randomNormal<tf.Rank.R4>([4, 32, 32, 3]);
 * const { stages } = await matchStages({ config, parameters }, selected, [images]);
 * if (stages[0]?.convolution?.weight.shape.join() !== "3,3,3,8") throw new Error("Expected half the channels");
 * ```
 */
export async function matchStages(
  source: StagesNetwork,
  target: StagesNetwork,
  batches: readonly tf.Tensor4D[],
): Promise<StagesParameters> {
  const stagesOfSource = convolutionalStages(source.config),
    matched: [string, StageParameters][] = [];
  let at = 0,
    ofSource = batches.map((batch) => tf.clone(batch)),
    maps = batches.map((batch) => tf.clone(batch));
  for (const [number, stage] of selectChannels(source.config, target.config).entries()) {
    for (; at < stage.index; at++) {
      ofSource = runOn(ofSource, source.parameters.stages[at]!, stagesOfSource[at]!);
    }
    const parameters = await matchStage(
      stage,
      { parameters: source.parameters.stages[stage.index]!, maps: ofSource },
      { parameters: target.parameters.stages[number]!, maps },
      // The stem sees all colours, as the source's does.
      number > 0 ? isFitted : () => false,
    );
    matched.push([`${number}`, parameters]);
    maps = runOn(maps, parameters, stage.to);
  }
  tf.dispose([...ofSource, ...maps]);
  return { stages: Object.fromEntries(matched) };
}

/** What a stage makes of maps, which are freed. */
function runOn(maps: tf.Tensor4D[], parameters: StageParameters, stage: Stage): tf.Tensor4D[] {
  const outputs = maps.map((map) => tf.tidy(() => runStage(parameters, map, stage)));
  tf.dispose(maps);
  return outputs;
}

/** A stage at work: its parameters and what comes in, in batches. */
interface RunningStage {
  readonly parameters: StageParameters;
  readonly maps: readonly tf.Tensor4D[];
}

async function matchStage(
  { from, to, layers }: SelectedStage,
  source: RunningStage,
  target: RunningStage,
  fits: (layer: ConvolutionLayer) => boolean,
): Promise<StageParameters> {
  const matched: Record<string, ConvolutionParameters> = {};
  const layerOfSource = (name: string) => layersOf(from).find((own) => own.name === name)!.layer;
  for (const { name, layer, outputs } of layers) {
    const inputs = (batch: number) =>
      inputOf(name, to, { parameters: matched, map: target.maps[batch]! });
    const wanted = (batch: number) => {
      const map = inputOf(name, from, { parameters: source.parameters, map: source.maps[batch]! });
      return take(linear(source.parameters[name]!, map, layerOfSource(name)), outputs, 3);
    };
    const selected = target.parameters[name]!, batches = target.maps.length;
    matched[name] = fits(layer)
      ? await refitLayer(selected, {
        batches,
        inputs: (batch) => patchesOf(inputs(batch), layer),
        lacking: wanted,
      })
      : await matchLayer(selected, layer, {
        wanted: await momentsOf(batches, wanted),
        found: await momentsOf(batches, (batch) => linear(selected, inputs(batch), layer)),
      });
  }
  return matched;
}

/** What comes into a convolution of a stage: a shortcut starts where the stage does. */
function inputOf(
  name: string,
  stage: Stage,
  { parameters, map }: { readonly parameters: StageParameters; readonly map: tf.Tensor4D },
): tf.Tensor4D {
  if (name === "shortcut") return map;
  const before = layersOf(stage);
  return before.slice(0, before.findIndex((layer) => layer.name === name))
    .reduce((map, { name, layer }) => convolutionLayer(parameters[name]!, map, layer), map);
}

/** Whether a layer is fitted from scratch. */
function isFitted({ depthwise = false, kernel, inputs }: ConvolutionLayer): boolean {
  return !depthwise && kernel ** 2 * inputs <= mostInputs;
}

/** All that each output of a convolution follows from, `[batch, height, width, kernel * kernel * inputs]`. */
function patchesOf(map: tf.Tensor4D, layer: ConvolutionLayer): tf.Tensor4D {
  const { kernel, inputs, stride = 1 } = layer, outputs = kernel ** 2 * inputs;
  if (kernel === 1 && stride === 1) return map;
  // Each output of this convolution is one of its inputs, zeros around the map included.
  const weight = tf.reshape<tf.Rank.R4>(tf.eye(outputs), [kernel, kernel, inputs, outputs]);
  return linear({ weight, bias: tf.zeros([outputs]) }, map, { ...layer, outputs });
}

/** What a convolution gives before its activation. */
function linear(
  parameters: ConvolutionParameters,
  map: tf.Tensor4D,
  layer: ConvolutionLayer,
): tf.Tensor4D {
  return convolutionLayer(parameters, map, { ...layer, activation: "linear" });
}

/** A convolution that is fitted from scratch; factors of its channels become 1. */
async function refitLayer(
  { weight, scale }: ConvolutionParameters,
  rows: LackingLayer,
): Promise<ConvolutionParameters> {
  const fit = await correctionOf(rows);
  return {
    weight: tf.tensor4d(fit.weight, weight.shape),
    bias: tf.tensor1d(fit.bias),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: tf.onesLike(scale) },
  };
}

/** Mean and deviation of each channel over images and places. */
interface Moments {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

async function momentsOf(batches: number, rows: (batch: number) => tf.Tensor): Promise<Moments> {
  const { width, mean, products } = await secondMoments(batches, rows);
  return {
    mean,
    deviation: mean.map((value, i) =>
      Math.sqrt(Math.max(0, products[i * (width + 1)]! - value ** 2))
    ),
  };
}

/** A convolution whose channels get another mean and deviation. */
async function matchLayer(
  { weight, bias, scale }: ConvolutionParameters,
  { depthwise = false }: ConvolutionLayer,
  { wanted, found }: { readonly wanted: Moments; readonly found: Moments },
): Promise<ConvolutionParameters> {
  const before = await bias.data<"float32">();
  const gains = wanted.deviation.map((own, i) =>
    own === 0 ? 0 : own / Math.max(found.deviation[i]!, own / largestGain)
  );
  const biases = wanted.mean.map((mean, i) => mean + gains[i]! * (before[i]! - found.mean[i]!));
  return tf.tidy(() => {
    const gain = tf.tensor1d(Float32Array.from(gains)),
      matched = tf.tensor1d(Float32Array.from(biases));
    if (scale !== undefined) {
      return { weight: tf.clone(weight), bias: matched, scale: tf.mul<tf.Tensor1D>(scale, gain) };
    }
    const factors = depthwise ? tf.reshape(gain, [-1, 1]) : gain;
    return { weight: tf.mul<tf.Tensor4D>(weight, factors), bias: matched };
  });
}
