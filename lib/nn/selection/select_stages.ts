/**
 * The weights of a narrower or shallower convolutional network out of those of a larger one: every n-th block
 * of each resolution, and every n-th channel.
 *
 * @source Xu et al., Initializing models with larger ones, ICLR 2024, section 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ConvolutionParameters } from "../convolutional/convolution_layer.ts";
import type { StagesParameters } from "../convolutional/network.ts";
import { isExpanded, layersOf, type Stage, type StageParameters } from "../convolutional/stage.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../convolutional/convolutional_config.ts";
import { hiddenWidthOf } from "../convolutional/hidden_widths.ts";
import { spacedIndices } from "./spaced_indices.ts";
import { stageGroups } from "./stage_groups.ts";
import { take } from "./select_tensors.ts";

/** Channels of the source that a stage of the smaller network has. */
interface StageChannels {
  readonly inputs: readonly number[];
  /** Between the convolutions of a block. */
  readonly hidden: readonly number[];
  readonly outputs: readonly number[];
}

/** A stage of the smaller network, and that of the source whose weights it takes. */
interface StagePair {
  readonly from: Stage;
  readonly to: Stage;
  /** Number of the source's stage. */
  readonly index: number;
}

/**
 * What keeps a network from being a selection of another's stages; undefined where nothing does.
 *
 * @example
 * ```ts
 * import { stagesMisfit } from "./select_stages.ts";
 * const large = { kind: "resnet_cifar", blocks: 9, imageSize: 32 } as const;
 * if (stagesMisfit(large, { ...large, blocks: 3 }) !== undefined) throw new Error("Expected a selection");
 * if (stagesMisfit({ ...large, blocks: 3 }, large) === undefined) throw new Error("9 of 3 blocks");
 * ```
 */
export function stagesMisfit(
  source: ConvolutionalConfig,
  target: ConvolutionalConfig,
): string | undefined {
  if (source.kind !== target.kind) return `it is a ${source.kind}`;
  const [from, to] = [stageGroups(source), stageGroups(target)];
  if (from.length !== to.length) {
    return `it has ${from.length} groups of stages, the student ${to.length}`;
  }
  const fewer = from.findIndex((group, i) => group.length < to[i]!.length);
  if (fewer >= 0) {
    const [has, wants] = [from[fewer]!.length, to[fewer]!.length];
    return `group ${fewer} of its stages has ${has}, the student's ${wants}`;
  }
  for (const [number, { from, to }] of pairStages(source, target).entries()) {
    if (from.kind !== to.kind) {
      return `its stage ${number} is a ${from.kind}, the student's a ${to.kind}`;
    }
    const narrower = layersOf(to).find(({ name, layer }) => {
      const own = layersOf(from).find((other) => other.name === name)?.layer;
      return own === undefined || own.inputs < layer.inputs || own.outputs < layer.outputs;
    });
    if (narrower !== undefined) {
      return `its stage ${number} has ${from.outputs} channels, the student's ${to.outputs}`;
    }
  }
  return undefined;
}

/**
 * Selects the parameters of `target` from those of `source`: evenly spaced blocks of each resolution and
 * evenly spaced channels, the same ones on both sides of a shortcut. Weights grow by the share of inputs that
 * is left out.
 *
 * @throws {UserError} Where {@linkcode stagesMisfit} has something to say.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { selectStages } from "./select_stages.ts";
 * await startEngine();
 * const source = { kind: "resnet_cifar", blocks: 3, imageSize: 32 } as const;
 * const target = { ...source, blocks: 1, widthMultiplier: 0.5 };
 * const parameters = initEncoder(source, randomStream(0));
 * if (!("stages" in parameters) || "output" in parameters.stages) throw new Error();
 * const { stages } = selectStages(parameters as Parameters<typeof selectStages>[0], source, target);
 * if (stages[3]?.second?.weight.shape.join() !== "3,3,32,32") throw new Error("Expected half the channels");
 * ```
 */
export function selectStages(
  parameters: StagesParameters,
  source: ConvolutionalConfig,
  target: ConvolutionalConfig,
): StagesParameters {
  let inputs = [0, 1, 2];
  const stages = pairStages(source, target).map((pair, number) => {
    const channels = channelsOf(pair, inputs);
    inputs = channels.outputs;
    return [`${number}`, selectStage(parameters.stages[pair.index] ?? {}, pair, channels)] as const;
  });
  return { stages: Object.fromEntries(stages) };
}

/** Each stage of the target with its stage of the source: of a group the first, and evenly spaced others. */
function pairStages(source: ConvolutionalConfig, target: ConvolutionalConfig): StagePair[] {
  const [from, to] = [convolutionalStages(source), convolutionalStages(target)];
  const groups = stageGroups(source);
  return stageGroups(target).flatMap((group, i) => {
    const own = groups[i]!;
    return spacedIndices(own.length, group.length).map((place, j) => {
      const index = own[place]!;
      return { from: from[index]!, to: to[group[j]!]!, index };
    });
  });
}

function channelsOf(
  { from, to }: StagePair,
  inputs: number[],
): StageChannels & { outputs: number[] } {
  const outputs = outputsOf(from, to, inputs);
  // A filter that nothing expands runs on what comes in.
  if (from.kind === "invertedResidual" && !isExpanded(from)) {
    return { inputs, outputs, hidden: inputs };
  }
  const [own, wanted] = [hiddenWidthOf(from), hiddenWidthOf(to)];
  const isUsual = own === from.outputs && wanted === to.outputs;
  const hidden = own === undefined || wanted === undefined || isUsual
    ? outputs
    : spacedIndices(own, wanted);
  return { inputs, outputs, hidden };
}

function outputsOf(from: Stage, to: Stage, inputs: number[]): number[] {
  const same = from.stride === 1 && from.inputs === from.outputs;
  // What a shortcut adds must be the channels that are there.
  if (same && from.kind !== "convolution") return inputs;
  if (from.kind !== "basicBlock" || from.shortcut !== "padded") {
    return spacedIndices(from.outputs, to.outputs);
  }
  // Half of the new channels lie in front of those that the shortcut hands on.
  const [fromNew, toNew] = [from.outputs - from.inputs, to.outputs - to.inputs];
  const [fromFront, toFront] = [Math.floor(fromNew / 2), Math.floor(toNew / 2)];
  return [
    ...spacedIndices(fromFront, toFront),
    ...inputs.map((channel) => fromFront + channel),
    ...spacedIndices(fromNew - fromFront, toNew - toFront)
      .map((channel) => fromFront + from.inputs + channel),
  ];
}

function selectStage(
  parameters: StageParameters,
  { to }: StagePair,
  channels: StageChannels,
): StageParameters {
  const layers = layersOf(to).map(({ name, layer }) => {
    const [inputs, outputs] = endsOf(name, to.kind, channels);
    const depthwise = layer.depthwise === true;
    return [name, selectLayer(parameters[name]!, { inputs, outputs, depthwise })] as const;
  });
  return Object.fromEntries(layers);
}

/** The channels that come into a convolution, and those that go out. */
function endsOf(
  name: string,
  kind: Stage["kind"],
  { inputs, hidden, outputs }: StageChannels,
): [readonly number[], readonly number[]] {
  switch (name) {
    case "expand":
    case "first":
      return [inputs, hidden];
    case "depthwise":
      return [hidden, hidden];
    case "second":
      return [hidden, kind === "basicBlock" ? outputs : hidden];
    case "project":
    case "third":
      return [hidden, outputs];
    default:
      return [inputs, outputs];
  }
}

function selectLayer(
  { weight, bias, scale }: ConvolutionParameters,
  { inputs, outputs, depthwise }: {
    readonly inputs: readonly number[];
    readonly outputs: readonly number[];
    readonly depthwise: boolean;
  },
): ConvolutionParameters {
  const ofInputs = take(weight, inputs, 2);
  return {
    weight: depthwise
      ? ofInputs
      : tf.mul(take(ofInputs, outputs, 3), weight.shape[2] / inputs.length),
    bias: take(bias, outputs),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: take(scale, outputs) },
  };
}
