/**
 * Fits the channels of a narrower convolutional network to those of the network that it took them from: the mean and
 * the deviation of each, before its activation, become those that it had there.
 *
 * A layer norm would see to it. Folded batch norms do not: with half of its inputs a channel has another mean and
 * another spread, and fifty layers on, most channels are stuck at one end of their activation.
 *
 * @source Re-estimated batch norms of narrower networks: Yu et al., Slimmable neural networks, ICLR 2019, section 3.
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
import { type StagesParameters } from "../convolutional/network.ts";
import { layersOf, runStage, type StageParameters } from "../convolutional/stage.ts";
import { pairStages, selectChannels, type SelectedStage } from "./channel_selection.ts";
import { take } from "./select_tensors.ts";

/** A channel that hardly varied is not blown up further than this. */
const largestGain = 10;

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
 * The parameters of `target`, each layer's weights and biases changed so that on `images` its channels have the mean
 * and the deviation that they have in `source`.
 *
 * @param source The network whose channels were selected; borrowed.
 * @param target The selection, by {@linkcode selectStages}; borrowed.
 * @param images `[batch, height, width, 3]` as both networks take them; borrowed.
 * @returns New parameters, the caller's.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { matchStages } from "./match_stages.ts";
 * import { selectStages } from "./select_stages.ts";
 * await startEngine();
 * const config = { kind: "resnet_cifar", blocks: 1, imageSize: 32 } as const;
 * const half = { ...config, widthMultiplier: 0.5 };
 * const parameters = initEncoder(config, randomStream(0)) as Parameters<typeof selectStages>[0];
 * const selected = selectStages(parameters, config, half);
 * const images = tf.randomNormal<tf.Rank.R4>([4, 32, 32, 3]);
 * const { stages } = matchStages({ config, parameters }, { config: half, parameters: selected }, images);
 * if (stages[0]?.convolution?.weight.shape.join() !== "3,3,3,8") throw new Error("Expected half the channels");
 * ```
 */
export function matchStages(
  source: StagesNetwork,
  target: StagesNetwork,
  images: tf.Tensor4D,
): StagesParameters {
  return tf.tidy(() => {
    const stagesOfSource = convolutionalStages(source.config);
    let at = 0, mapOfSource = images, map = images;
    const runSource = () => {
      mapOfSource = runStage(source.parameters.stages[at]!, mapOfSource, stagesOfSource[at]!);
      at++;
    };
    const matched = selectChannels(source.config, target.config).map((stage, number) => {
      while (at < stage.index) runSource();
      const own = source.parameters.stages[stage.index]!;
      const parameters = matchStage(stage, { parameters: own, map: mapOfSource }, {
        parameters: target.parameters.stages[number]!,
        map,
      });
      map = runStage(parameters, map, stage.to);
      return [`${number}`, parameters] as const;
    });
    return { stages: Object.fromEntries(matched) };
  });
}

/** A stage at work: its parameters and what comes in. */
interface RunningStage {
  readonly parameters: StageParameters;
  readonly map: tf.Tensor4D;
}

function matchStage(
  stage: SelectedStage,
  source: RunningStage,
  target: RunningStage,
): StageParameters {
  let [from, to] = [source.map, target.map];
  const layersOfSource = new Map(layersOf(stage.from).map(({ name, layer }) => [name, layer]));
  const matched = stage.layers.map(({ name, layer, outputs }) => {
    // A shortcut starts where the stage does.
    const [ofSource, ofTarget] = name === "shortcut" ? [source.map, target.map] : [from, to];
    const wanted = linear(source.parameters[name]!, ofSource, layersOfSource.get(name)!);
    const found = linear(target.parameters[name]!, ofTarget, layer);
    const parameters = matchLayer(target.parameters[name]!, layer, {
      wanted: momentsOf(take(wanted, outputs, 3)),
      found: momentsOf(found),
    });
    if (name !== "shortcut") {
      from = convolutionLayer(source.parameters[name]!, ofSource, layersOfSource.get(name)!);
      to = convolutionLayer(parameters, ofTarget, layer);
    }
    return [name, parameters] as const;
  });
  return Object.fromEntries(matched);
}

/** What a convolution gives before its activation. */
function linear(
  parameters: ConvolutionParameters,
  map: tf.Tensor4D,
  layer: ConvolutionLayer,
): tf.Tensor4D {
  return convolutionLayer(parameters, map, { ...layer, activation: "linear" });
}

/** Mean and deviation of each channel over images and places, `[channels]`. */
interface Moments {
  readonly mean: tf.Tensor1D;
  readonly deviation: tf.Tensor1D;
}

function momentsOf(map: tf.Tensor4D): Moments {
  const { mean, variance } = tf.moments(map, [0, 1, 2]);
  return { mean: mean as tf.Tensor1D, deviation: tf.sqrt(variance) as tf.Tensor1D };
}

function matchLayer(
  { weight, bias, scale }: ConvolutionParameters,
  { depthwise = false }: ConvolutionLayer,
  { wanted, found }: { readonly wanted: Moments; readonly found: Moments },
): ConvolutionParameters {
  const least = tf.add(tf.div(wanted.deviation, largestGain), tf.backend().epsilon());
  const gain = tf.div<tf.Tensor1D>(wanted.deviation, tf.maximum(found.deviation, least));
  const matched = tf.add<tf.Tensor1D>(
    wanted.mean,
    tf.mul(gain, tf.sub<tf.Tensor1D>(bias, found.mean)),
  );
  if (scale !== undefined) {
    return { weight: tf.clone(weight), bias: matched, scale: tf.mul(scale, gain) };
  }
  const factors = depthwise ? tf.reshape(gain, [-1, 1]) : gain;
  return { weight: tf.mul<tf.Tensor4D>(weight, factors), bias: matched };
}
