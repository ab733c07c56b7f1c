/** Loads convolutional teachers from the files of weights that their authors released. */
import { stageMaps } from "../../nn/convolutional/network.ts";
import type { Stage } from "../../nn/convolutional/stage.ts";
import { UserError } from "../../errors/user_error.ts";
import { type Backbone, checkInputSize, convolutionalBackbone } from "../backbone.ts";
import type { CheckpointTensors } from "../families/checkpoint_tensors.ts";
import { chooseNetwork } from "../families/choose_network.ts";
import type { LoadFamilyOptions } from "../families/load_options.ts";
import { unreadNote } from "../families/notes.ts";
import { convolutionalFamilies, type ConvolutionalFamilyName } from "./families.ts";
import { findConvolutional } from "./find_networks.ts";
import { readStages } from "./read_stages.ts";

/**
 * Loads a teacher from a file of a family of convolutional networks; its stages come from names and
 * shapes. The engine must have been started.
 *
 * @throws {UserError} As {@linkcode loadFamily}; where an option is only for transformers.
 */
export function loadConvolutional(
  family: ConvolutionalFamilyName,
  file: CheckpointTensors,
  options: LoadFamilyOptions = {},
): Backbone {
  refuseTransformerOptions(family, options);
  const facts = convolutionalFamilies[family];
  const network = chooseNetwork(family, file, findConvolutional(family, file), options);
  const { name = family, licence = facts.licence } = options;
  const { mean = facts.normalization.mean, std = facts.normalization.std } = options;
  const { layout: { stages, inputSize } } = network.fit;
  const input = { size: options.inputSize ?? inputSize, mean, std };
  const stride = strideOf(stages), width = stages.at(-1)?.outputs ?? 0;
  checkInputSize(name, { size: input.size, minimum: stride });
  const { epsilon } = facts;
  const { parameters, digest } = readStages(network, { epsilon, features: [epsilon, input] });
  const backbone = convolutionalBackbone({
    ...{ name, family, licence, digest, input, width, stride, parameters },
    featureMap: (parameters, images) => stageMaps(parameters, images, stages).at(-1)!,
  });
  const notes = [
    ...network.prefix === "" ? [] : [`the network ${JSON.stringify(network.prefix)} was read`],
    ...unreadNote(network.outside),
  ];
  return { ...backbone, notes };
}

/** Pixels between the places of the last map. */
export function strideOf(stages: readonly Stage[]): number {
  return stages.reduce((product, stage) => {
    const pooled = stage.kind === "convolution" && stage.pooled === true;
    return product * stage.stride * (pooled ? 2 : 1);
  }, 1);
}

function refuseTransformerOptions(
  family: ConvolutionalFamilyName,
  { heads, activation, projection }: LoadFamilyOptions,
): void {
  const given = Object.entries({ heads, activation, projection })
    .filter(([, value]) => value !== undefined && value !== false).map(([name]) => name);
  if (given.length === 0) return;
  throw new UserError(
    `Cannot load a teacher of the family "${family}" with ${given.join(" and ")}: it is a ` +
      `convolutional network, which has none. Leave ${given.length === 1 ? "it" : "them"} out`,
  );
}
