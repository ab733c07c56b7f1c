/**
 * Loads teachers from the files of weights that their authors released.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import type { CheckpointTensors } from "./checkpoint_tensors.ts";
import { type FamilyName, teacherFamilies } from "./families.ts";
import { findNetworks, type FoundNetwork } from "./find_networks.ts";
import type { FamilyFit } from "./fit_family.ts";
import { misfit } from "./misfit.ts";
import type { TeacherFamily } from "./family.ts";
import { readParameters } from "./family_parameters.ts";
import {
  frozenTransformer,
  type FrozenTransformerConfig,
  type FrozenTransformerParameters,
} from "../frozen_transformer.ts";
import { preprocess } from "../preprocess.ts";
import { type Backbone, checkInputSize, ownParameters } from "../backbone.ts";
import type { CheckpointReading } from "../checkpoint_reading.ts";
import type { BackboneInput } from "../input.ts";
import { type RecordedFacts, recordedFacts } from "./recorded_facts.ts";

/** Options of {@linkcode loadFamily}; a key is one of {@linkcode openCheckpoint}. */
export interface LoadFamilyOptions extends Omit<CheckpointReading, "key"> {
  /** Name of the teacher in recipes and logs; default the family's. */
  readonly name?: string | undefined;
  /** Height and width in pixels, a multiple of the patch size; default those of its training. */
  readonly inputSize?: number | undefined;
  /** Whether to take the network whose names have no prefix, of several; default false. */
  readonly withoutPrefix?: boolean | undefined;
  /** Whether CLIP's features are projected into the space that is shared with text; default false. */
  readonly projection?: boolean | undefined;
  /** SPDX identifier; default that of the weights that the family's authors released. */
  readonly licence?: string | undefined;
}

/** Widths whose heads are not 64 wide: ViT-So400m, -H, -g and -bigG all have 16. */
const sixteenHeads = [1152, 1280, 1408, 1664];
/** Widths of the networks that everybody knows, whose heads are sure. */
const usualWidths = [192, 384, 768, 1024, 1536, ...sixteenHeads];
/** Names that a note lists of those that are not read. */
const mostNames = 3;

/**
 * Loads a teacher from a file of weights. Width, depth, patches, registers and the size of the images come
 * from the shapes of its tensors. The engine must have been started; dispose of the teacher when done.
 *
 * @param family See the files in `lib/teachers/families` and `docs/teachers.md`.
 * @param file From {@linkcode openCheckpoint}; its numbers are read one tensor after the other,
 *   and it may be closed afterwards.
 * @throws {UserError} Where tensors are missing, surplus or of another shape, with the family that fits
 *   better; where a weight is not finite; where heads or input size do not divide.
 *
 * @example
 * ```ts
 * import { loadFamily } from "@hashigo/hashigo/teachers";
 * import { encodeTorchCheckpoint, openCheckpoint } from "@hashigo/hashigo/weights";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [8], data: new Float32Array(8) };
 * await Deno.writeFile(path, encodeTorchCheckpoint({ "norm.bias": bias }));
 * let refused = "";
 * try {
 *   using file = await openCheckpoint(path);
 *   loadFamily("dino", file);
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes('"cls_token" is missing')) throw new Error("Expected to miss the rest");
 * await Deno.remove(path);
 * ```
 */
export function loadFamily(
  family: FamilyName,
  file: CheckpointTensors,
  options: LoadFamilyOptions = {},
): Backbone {
  const { name = family, projection = false } = options, facts = teacherFamilies[family];
  const network = theNetwork(family, file, options), { checkpoint, fit } = network;
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
    mode: "xla",
    grid: (size = input.size) => [Math.floor(size / patchSize), Math.floor(size / patchSize)],
    features: (images) =>
      tf.tidy(() => frozenTransformer(parameters, preprocess(images, input), config)),
    // They have the names and shapes of the parameters that were read.
    withParameters: (changed) => build(changed as FrozenTransformerParameters),
  });
  return build(parameters);
}

/** The one network of a file that fits. */
function theNetwork(
  family: FamilyName,
  file: CheckpointTensors,
  { inputSize, withoutPrefix = false }: LoadFamilyOptions,
): FoundNetwork {
  const networks = findNetworks(family, file, { inputSize }), [first] = networks;
  if (first === undefined || first.fit.differences.length > 0) throw misfit(family, file, first!);
  const fitting = networks.filter(({ fit }) => fit.differences.length === 0);
  const plain = withoutPrefix ? fitting.find(({ prefix }) => prefix === "") : undefined;
  if (plain !== undefined) return plain;
  if (fitting.length === 1 && !withoutPrefix) return first;
  const keys = fitting.map(({ prefix }) => JSON.stringify(prefix.replace(/\.$/, "") || "."));
  const count = fitting.length === 1
    ? "one network that fits"
    : `${fitting.length} networks that fit`;
  throw new UserError(
    `Cannot load "${file.source}" as "${family}": found ${count}, ${keys.join(" and ")}. ` +
      `Choose one by its key, such as --key ${keys.at(-1)}, or key: ${
        keys.at(-1)
      } in a recipe or program`,
  );
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
  if (outside.length > 0) {
    const names = outside.slice(0, mostNames).map((name) => JSON.stringify(name.slice(0, 60)));
    const more = outside.length > mostNames ? ", …" : "";
    notes.push(
      `tensors of the file that were not read: ${outside.length}, ${names.join(", ")}${more}`,
    );
  }
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
  family: FamilyName,
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
