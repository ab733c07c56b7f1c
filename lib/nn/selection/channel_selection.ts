/**
 * Which blocks and channels of a convolutional network a narrower or shallower one of its kind takes: evenly spaced
 * ones, the same on both sides of a shortcut.
 *
 * @module
 */
import { isExpanded, layersOf, type NamedLayer, type Stage } from "../convolutional/stage.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../convolutional/convolutional_config.ts";
import { hiddenWidthOf } from "../convolutional/hidden_widths.ts";
import { spacedIndices } from "./spaced_indices.ts";
import { stageGroups } from "./stage_groups.ts";

/** Channels of the source that a stage of the smaller network has. */
interface StageChannels {
  readonly inputs: readonly number[];
  /** Between the convolutions of a block. */
  readonly hidden: readonly number[];
  readonly outputs: readonly number[];
}

/** A stage of the smaller network, and that of the source whose weights it takes. */
export interface StagePair {
  readonly from: Stage;
  readonly to: Stage;
  /** Number of the source's stage. */
  readonly index: number;
}

/** A convolution of the smaller network, and the channels of the source's that it has. */
export interface SelectedLayer extends NamedLayer {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A stage of the smaller network with the channels that its convolutions have. */
export interface SelectedStage extends StagePair {
  readonly layers: readonly SelectedLayer[];
}

/**
 * Every stage of the smaller network, in order; the two networks fit each other.
 *
 * @example
 * ```ts
 * import { selectChannels } from "./channel_selection.ts";
 * const source = { kind: "resnet_cifar", blocks: 3, imageSize: 32 } as const;
 * const [stem] = selectChannels(source, { ...source, widthMultiplier: 0.5 });
 * if (stem?.layers[0]?.outputs.join() !== "0,2,4,6,8,10,12,14") throw new Error("Expected every second");
 * ```
 */
export function selectChannels(
  source: ConvolutionalConfig,
  target: ConvolutionalConfig,
): SelectedStage[] {
  let inputs = [0, 1, 2];
  return pairStages(source, target).map((pair) => {
    const channels = channelsOf(pair, inputs);
    inputs = channels.outputs;
    const layers = layersOf(pair.to).map((named) => {
      const [inputs, outputs] = endsOf(named.name, pair.to.kind, channels);
      return { ...named, inputs, outputs };
    });
    return { ...pair, layers };
  });
}

/** Each stage of the target with its stage of the source: of a group the first, and evenly spaced others. */
export function pairStages(source: ConvolutionalConfig, target: ConvolutionalConfig): StagePair[] {
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
