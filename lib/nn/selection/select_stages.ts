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
import { layersOf, type StageParameters } from "../convolutional/stage.ts";
import type { ConvolutionalConfig } from "../convolutional/convolutional_config.ts";
import { pairStages, selectChannels, type SelectedLayer } from "./channel_selection.ts";
import { stageGroups } from "./stage_groups.ts";
import { take } from "./select_tensors.ts";

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
  const stages = selectChannels(source, target).map(({ index, layers }, number) =>
    [`${number}`, selectStage(parameters.stages[index] ?? {}, layers)] as const
  );
  return { stages: Object.fromEntries(stages) };
}

function selectStage(
  parameters: StageParameters,
  layers: readonly SelectedLayer[],
): StageParameters {
  return Object.fromEntries(
    layers.map((layer) => [layer.name, selectLayer(parameters[layer.name]!, layer)]),
  );
}

function selectLayer(
  { weight, bias, scale }: ConvolutionParameters,
  { inputs, outputs, layer }: SelectedLayer,
): ConvolutionParameters {
  const ofInputs = take(weight, inputs, 2);
  return {
    weight: layer.depthwise === true
      ? ofInputs
      : tf.mul(take(ofInputs, outputs, 3), weight.shape[2] / inputs.length),
    bias: take(bias, outputs),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: take(scale, outputs) },
  };
}
