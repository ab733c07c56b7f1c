/**
 * Loads transformers from the files of weights that their authors released.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import type { CheckpointTensors } from "./checkpoint_tensors.ts";
import { teacherFamilies, type TransformerFamilyName } from "./families.ts";
import { findNetworks, type FoundNetwork } from "./find_networks.ts";
import type { FamilyFit } from "./fit_family.ts";
import type { TeacherFamily } from "./family.ts";
import type { LoadFamilyOptions } from "./load_options.ts";
import { unreadNote } from "./notes.ts";
import { chooseNetwork } from "../choose_network.ts";
import { readParameters } from "./family_parameters.ts";
import {
  frozenTransformer,
  type FrozenTransformerConfig,
  type FrozenTransformerParameters,
} from "../frozen_transformer.ts";
import { preprocess } from "../preprocess.ts";
import { type Backbone, checkInputSize, ownParameters } from "../backbone.ts";
import type { BackboneInput } from "../input.ts";
import { type RecordedFacts, recordedFacts } from "./recorded_facts.ts";
import { studentForm } from "./student_form.ts";

/** Widths whose heads are not 64 wide: ViT-So400m, -H, -g and -bigG all have 16. */
const sixteenHeads = [1152, 1280, 1408, 1664];
/** Widths of the networks that everybody knows, whose heads are sure. */
const usualWidths = [192, 384, 768, 1024, 1536, ...sixteenHeads];

/**
 * Loads a transformer from a file of weights, as {@linkcode loadFamily} does.
 *
 * @throws {UserError} Where the file does not fit, or heads or input size do not divide.
 */
export function loadTransformer(
  family: TransformerFamilyName,
  file: CheckpointTensors,
  options: LoadFamilyOptions = {},
): Backbone {
  const { name = family, projection = false } = options, facts = teacherFamilies[family];
  const { inputSize } = options;
  const networks = findNetworks(family, file, { inputSize });
  const network = chooseNetwork(family, file, networks, options), { checkpoint, fit } = network;
  const recorded = recordedFacts(file.metadata, {
    width: fit.sizes.get("width") ?? 0,
    depth: fit.depth,
  });
  const config = configOf(family, checkpoint, fit, { ...options, recorded });
  const { mean = recorded.mean ?? facts.normalization.mean } = options;
  const { std = recorded.std ?? facts.normalization.std } = options;
  const { patchSize } = config;
  const input = { size: options.inputSize ?? config.grid[0] * patchSize, mean, std };
  checkInputSize(name, { size: input.size, minimum: patchSize, multiple: patchSize });
  const expected = fit.expected.filter(({ to }) => projection || to !== "projection");
  const { parameters, digest } = readParameters(checkpoint, expected, [config, input]);
  const notes = notesOf(network, { family: facts, config, input, recorded, options });
  const build = (parameters: FrozenTransformerParameters): Backbone => ({
    name,
    family,
    licence: options.licence ?? recorded.licence ?? facts.licence,
    digest,
    notes,
    input,
    width: parameters.projection?.shape[1] ?? config.width,
    tokens: ["cls", "patch"],
    ...ownParameters(parameters),
    ...studentForm(parameters, config),
    mode: "xla",
    grid: (size = input.size) => [Math.floor(size / patchSize), Math.floor(size / patchSize)],
    features: (images) =>
      tf.tidy(() => frozenTransformer(parameters, preprocess(images, input), config)),
    // They have the names and shapes of the parameters that were read.
    withParameters: (changed) => build(changed as FrozenTransformerParameters),
  });
  return build(parameters);
}

/** What was taken from the file or supposed, where the file leaves a choice. */
function notesOf(
  { prefix, naming, outside, fit: { side, patchSize } }: FoundNetwork,
  { family: { varies }, config, input, recorded, options }: {
    readonly family: TeacherFamily;
    readonly config: FrozenTransformerConfig;
    readonly input: BackboneInput;
    readonly recorded: RecordedFacts;
    readonly options: LoadFamilyOptions;
  },
): string[] {
  const { heads = recorded.heads } = options;
  const notes: string[] = [];
  if (prefix !== "" || naming !== undefined) {
    const place = prefix === "" ? "the network" : `the network ${JSON.stringify(prefix)}`;
    notes.push(`${place} was read${naming === undefined ? "" : `, under the names of ${naming}`}`);
  }
  notes.push(...unreadNote(outside));
  if (heads === undefined && !usualWidths.includes(config.width)) {
    notes.push(`heads are supposed to be ${config.heads}, which no file tells (option heads)`);
  }
  if (varies === "activation" && (options.activation ?? recorded.activation) === undefined) {
    notes.push(`the activation is supposed to be ${config.activation} (option activation)`);
  }
  if (varies === "normalization" && (options.mean ?? recorded.mean) === undefined) {
    notes.push(`images are supposed to have the mean ${input.mean} (options mean and std)`);
  }
  if (input.size !== side * patchSize) {
    const grid = input.size / patchSize;
    notes.push(
      `positions of ${side} x ${side} patches were interpolated to ${grid} x ${grid}`,
    );
  }
  return notes;
}

function configOf(
  family: TransformerFamilyName,
  { source, tensors }: CheckpointTensors,
  { sizes, depth, side, patchSize }: FamilyFit,
  options: LoadFamilyOptions & { readonly recorded: RecordedFacts },
): FrozenTransformerConfig {
  const facts = teacherFamilies[family];
  const width = sizes.get("width") ?? 0;
  const { recorded } = options;
  const heads = options.heads ?? recorded.heads ?? (sixteenHeads.includes(width) ? 16 : width / 64);
  if (!(Number.isSafeInteger(heads) && heads > 0 && width % heads === 0)) {
    throw new UserError(
      `Cannot load "${source}" as "${family}": found ${heads} heads for the width ${width}, expected ` +
        'a whole number that divides it. Give the number of its heads as "heads"',
    );
  }
  if (options.projection && !sizes.has("projected")) {
    throw new UserError(
      `Cannot project the features of "${source}": found no projection in the family "${family}", ` +
        'expected "clip". Leave "projection" out',
    );
  }
  return {
    patchSize,
    width,
    depth,
    heads,
    grid: [side, side],
    positions: facts.positions(tensors),
    epsilon: facts.epsilon,
    activation: options.activation ?? recorded.activation ?? facts.activation,
  };
}
