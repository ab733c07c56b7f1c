/**
 * Loads teachers from the files of weights that their authors released.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { type CheckpointTensors, insideBackbone } from "./checkpoint_tensors.ts";
import { type FamilyName, teacherFamilies } from "./families.ts";
import { type FamilyFit, fitFamily } from "./fit_family.ts";
import { misfit } from "./misfit.ts";
import { readParameters } from "./family_parameters.ts";
import {
  frozenTransformer,
  type FrozenTransformerConfig,
  type FrozenTransformerParameters,
} from "../frozen_transformer.ts";
import { preprocess } from "../preprocess.ts";
import { type Backbone, checkInputSize, ownParameters } from "../backbone.ts";
import type { BackboneInput } from "../input.ts";

/** Options of {@linkcode loadFamily}. */
export interface LoadFamilyOptions {
  /** Name of the teacher in recipes and logs; default the family's. */
  readonly name?: string | undefined;
  /** Height and width in pixels, a multiple of the patch size; default those of its training. */
  readonly inputSize?: number | undefined;
  /** Heads of the attention; default width / 64, but 16 for the widths of ViT-H, -g and -bigG. */
  readonly heads?: number | undefined;
  /** Activation of the MLPs; default the family's. OpenCLIP's own networks need `"gelu"`. */
  readonly activation?: FrozenTransformerConfig["activation"] | undefined;
  /** Whether CLIP's features are projected into the space that is shared with text; default false. */
  readonly projection?: boolean | undefined;
  /** Mean of red, green and blue in [0, 1]; default the family's. */
  readonly mean?: BackboneInput["mean"] | undefined;
  /** Deviation of red, green and blue in [0, 1]; default the family's. */
  readonly std?: BackboneInput["std"] | undefined;
  /** SPDX identifier; default that of the weights that the family's authors released. */
  readonly licence?: string | undefined;
}

/** Widths whose heads are not 64 wide: ViT-H, ViT-g and ViT-bigG all have 16. */
const sixteenHeads = [1280, 1408, 1664];

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
  const checkpoint = insideBackbone(file);
  const { name = family, projection = false } = options, facts = teacherFamilies[family];
  const fit = fitFamily(family, checkpoint.tensors);
  if (fit.differences.length > 0) throw misfit(family, checkpoint, fit.differences);
  const config = configOf(family, checkpoint, fit, options);
  const { mean = facts.normalization.mean, std = facts.normalization.std } = options;
  const { patchSize } = config;
  const input = { size: options.inputSize ?? config.grid[0] * patchSize, mean, std };
  checkInputSize(name, { size: input.size, minimum: patchSize, multiple: patchSize });
  const expected = fit.expected.filter(({ to }) => projection || to !== "projection");
  const { parameters, digest } = readParameters(checkpoint, expected, [config, input]);
  const build = (parameters: FrozenTransformerParameters): Backbone => ({
    name,
    family,
    licence: options.licence ?? facts.licence,
    digest,
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

function configOf(
  family: FamilyName,
  { source, tensors }: CheckpointTensors,
  { sizes, depth, side }: FamilyFit,
  options: LoadFamilyOptions,
): FrozenTransformerConfig {
  const facts = teacherFamilies[family];
  const width = sizes.get("width") ?? 0;
  const heads = options.heads ?? (sixteenHeads.includes(width) ? 16 : width / 64);
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
    patchSize: sizes.get("patch") ?? 0,
    width,
    depth,
    heads,
    grid: [side, side],
    positions: facts.positions(tensors),
    epsilon: facts.epsilon,
    activation: options.activation ?? facts.activation,
  };
}
