/**
 * Vision transformers as backbones: the specialists of the demo, and any encoder that was saved with its
 * config.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import {
  encode,
  initVisionTransformer,
  visionTransformer,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "../nn/vision_transformer.ts";
import { fromNamedTensors, namedTensors } from "../tensors/parameters.ts";
import { randomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import { decodeSafetensors, type Safetensors } from "../weights/safetensors/safetensors.ts";
import { type Backbone, type BackboneIdentity, checkInputSize, ownParameters } from "./backbone.ts";
import type { BackboneInput } from "./input.ts";
import { preprocess } from "./preprocess.ts";

const positive = z.number().int().positive();
const configSchema = z.object({
  imageSize: positive,
  patchSize: positive,
  width: positive,
  depth: positive,
  heads: positive,
  mlpRatio: z.number().positive().exactOptional(),
  dropPath: z.number().min(0).max(1).exactOptional(),
  registers: z.number().int().min(0).exactOptional(),
  layerScale: z.number().positive().exactOptional(),
  stem: z.enum(["patch", "convolution"]).exactOptional(),
  initialization: z.enum(["fixed", "scaled"]).exactOptional(),
});

/** Options of {@linkcode visionTransformerBackbone}. */
export interface VisionTransformerBackboneOptions extends BackboneIdentity {
  /** Shape of the transformer. */
  readonly config: VisionTransformerConfig;
  /** Freed with the backbone. */
  readonly parameters: VisionTransformerParameters;
  /** Size and normalisation of its images. */
  readonly input: BackboneInput;
}

/**
 * Makes a backbone of a vision transformer; its features are CLS and patches after the final norm. It
 * owns `parameters`.
 *
 * @throws {UserError} Where the input size is no multiple of the patch size.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initVisionTransformer } from "@hashigo/hashigo/nn";
 * import { visionTransformerBackbone } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const config = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2 };
 * const teacher = visionTransformerBackbone({
 *   name: "untrained", family: "vision_transformer", licence: "Apache-2.0", digest: "",
 *   config, parameters: initVisionTransformer(config, randomStream(0)),
 *   input: { size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
 * });
 * const { patch } = teacher.features(tf.ones([2, 20, 20, 3]));
 * if (patch?.shape.join() !== "2,4,8") throw new Error();
 * ```
 */
export function visionTransformerBackbone(options: VisionTransformerBackboneOptions): Backbone {
  const { name, family, licence, digest, config, parameters, input } = options;
  const { patchSize, width } = config;
  checkInputSize(name, { size: input.size, minimum: patchSize, multiple: patchSize });
  return {
    name,
    family,
    licence,
    digest,
    input,
    width,
    tokens: ["cls", "patch"],
    ...ownParameters(parameters),
    mode: "xla",
    grid: (size = input.size) => [Math.floor(size / patchSize), Math.floor(size / patchSize)],
    features: (images) => tf.tidy(() => encode(parameters, preprocess(images, input), config)),
    // They have the names and shapes of the parameters that they replace.
    withParameters: (changed) =>
      visionTransformerBackbone({
        ...options,
        parameters: changed as VisionTransformerParameters,
      }),
    blocks: (images) =>
      tf.tidy(() => visionTransformer(parameters, preprocess(images, input), config)),
  };
}

/**
 * Reads a vision transformer from the bytes of a safetensors file: its config is the JSON in the
 * metadata `config`, its tensors have the names of {@link VisionTransformerParameters}. Other tensors,
 * such as a classifier's, are not read.
 *
 * @param bytes The file.
 * @param name Names the network in errors.
 * @throws {UserError} Where the file cannot be trusted, has no config, or lacks a tensor.
 *
 * @example
 * ```ts
 * import { readVisionTransformer } from "@hashigo/hashigo/teachers";
 * import { encodeSafetensors } from "@hashigo/hashigo/weights";
 * let refused = "";
 * try {
 *   readVisionTransformer(encodeSafetensors(new Map()), "empty");
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes("config")) throw new Error("Expected to miss the config");
 * ```
 */
export function readVisionTransformer(
  bytes: Uint8Array,
  name: string,
): { config: VisionTransformerConfig; parameters: VisionTransformerParameters } {
  const file = decodeSafetensors(bytes, { source: `the weights of "${name}"` });
  const config = parseTransformerConfig(file.metadata.config, name);
  const template = initVisionTransformer(config, randomStream(0));
  const expected = namedTensors(template).map(([key, { shape }]) => ({ key, shape }));
  tf.dispose(namedTensors(template).map(([, tensor]) => tensor));
  // All are read before a tensor is made, so that a refusal leaves nothing behind.
  const weights = expected.map(({ key, shape }) => {
    return { key, shape, data: readNumbers(file, { key, shape, name }) };
  });
  const entries = weights.map(({ key, shape, data }) => [key, tf.tensor(data, shape)] as const);
  // The names and shapes are those of the template, whose type this is.
  return { config, parameters: fromNamedTensors(entries) as VisionTransformerParameters };
}

/**
 * Reads the shape of a transformer from the JSON in the metadata `config` of its file.
 *
 * @param json Undefined where the file has no such metadata.
 * @param name Names the network in errors.
 * @throws {UserError} Where there is none, or it is not the shape of a transformer.
 *
 * @example
 * ```ts
 * import { parseTransformerConfig } from "./vision_transformer_backbone.ts";
 * const json = '{ "imageSize": 16, "patchSize": 8, "width": 8, "depth": 1, "heads": 2 }';
 * if (parseTransformerConfig(json, "mine").width !== 8) throw new Error();
 * ```
 */
export function parseTransformerConfig(
  json: string | undefined,
  name: string,
): VisionTransformerConfig {
  try {
    return configSchema.parse(JSON.parse(json ?? ""));
  } catch (error) {
    const reason = json === undefined ? "none" : error instanceof Error ? error.message : json;
    throw new UserError(
      `Cannot load the vision transformer "${name}": found no valid config in its metadata ` +
        `(${reason}). Save it again with metadata { config: JSON.stringify(config) }`,
    );
  }
}

function readNumbers(
  file: Safetensors,
  { key, shape, name }: { key: string; shape: readonly number[]; name: string },
): Float32Array {
  const tensor = file.tensors.get(key);
  if (tensor?.data instanceof Float32Array && tensor.shape.join() === shape.join()) {
    return tensor.data;
  }
  const actual = tensor === undefined ? "no such tensor" : `${tensor.dtype} [${tensor.shape}]`;
  throw new UserError(
    `Cannot load the vision transformer "${name}": found ${actual} for "${key}", expected ` +
      `floats [${shape}]. Its config and its tensors do not belong together: save it again`,
  );
}
