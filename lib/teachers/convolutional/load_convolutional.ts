/** Loads convolutional teachers from the files of weights that their authors released. */
import type { StagesParameters } from "../../nn/convolutional/network.ts";
import type { ConvolutionalConfig } from "../../nn/convolutional/convolutional_config.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Backbone } from "../backbone.ts";
import { checkEncoderInput, encoderBackbone } from "../encoder_backbone.ts";
import type { CheckpointTensors } from "../families/checkpoint_tensors.ts";
import { chooseNetwork } from "../choose_network.ts";
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
  const { config: { imageSize } } = network.fit.layout;
  const input = { size: options.inputSize ?? imageSize, mean, std };
  const config = configOf(network.fit.layout.config, { ...options, inputSize: input.size });
  checkEncoderInput(name, config, input.size); // before tensors are made
  const { epsilon } = facts, { scaled } = options;
  const features = [epsilon, input];
  const { parameters, digest } = readStages(network, { epsilon, features, scaled });
  const notes = [
    ...network.prefix === "" ? [] : [`the network ${JSON.stringify(network.prefix)} was read`],
    ...unreadNote(network.outside),
  ];
  const common = { name, family, licence, digest, input };
  return { ...encoderBackbone({ ...common, config, parameters }), notes };
}

/**
 * Reads the one network of a file that fits the family.
 *
 * @param options scaled: as of {@linkcode LoadFamilyOptions}.
 * @returns Its shape, for images of the size in its training, and its parameters.
 * @throws {UserError} As {@linkcode loadConvolutional}.
 */
export function readConvolutional(
  family: ConvolutionalFamilyName,
  file: CheckpointTensors,
  options: Pick<LoadFamilyOptions, "scaled"> = {},
): { readonly config: ConvolutionalConfig; readonly parameters: StagesParameters } {
  const network = chooseNetwork(family, file, findConvolutional(family, file));
  const { epsilon } = convolutionalFamilies[family];
  const { parameters } = readStages(network, { epsilon, features: [], ...options });
  return { config: configOf(network.fit.layout.config, options), parameters };
}

function configOf(
  config: ConvolutionalConfig,
  { scaled = false, inputSize = config.imageSize }: LoadFamilyOptions,
): ConvolutionalConfig {
  // Absent stands for folded.
  return { ...config, imageSize: inputSize, ...scaled && { scaled } };
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
