/**
 * Encoders as backbones: the convolutional teachers, the specialists of the demo, and any student that was
 * saved with its config.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import { pixelsPerPlace } from "../nn/convolutional/network.ts";
import { convolutionalStages } from "../nn/convolutional/convolutional_config.ts";
import {
  encodeImages,
  type EncoderConfig,
  encoderOutputs,
  type EncoderParameters,
  encoderShapes,
  encoderStages,
  isTransformer,
} from "../nn/encoder.ts";
import { fromNamedTensors } from "../tensors/parameters.ts";
import { layoutOfShapes } from "../tensors/shapes.ts";
import { UserError } from "../errors/user_error.ts";
import { decodeSafetensors, type Safetensors } from "../weights/safetensors/safetensors.ts";
import { type Backbone, type BackboneIdentity, checkInputSize, ownParameters } from "./backbone.ts";
import type { BackboneInput } from "./input.ts";
import { preprocess } from "./preprocess.ts";

const positive = z.number().int().positive();
const widths = z.array(positive).exactOptional();
const transformerSchema = z.object({
  kind: z.literal("transformer").exactOptional(),
  imageSize: positive,
  patchSize: positive,
  width: positive,
  depth: positive,
  heads: positive,
  hiddenWidths: widths,
  headCounts: widths,
  queryWidths: widths,
  mlpRatio: z.number().positive().exactOptional(),
  dropPath: z.number().min(0).max(1).exactOptional(),
  registers: z.number().int().min(0).exactOptional(),
  layerScale: z.number().positive().exactOptional(),
  stem: z.enum(["patch", "convolution"]).exactOptional(),
  initialization: z.enum(["fixed", "scaled"]).exactOptional(),
});

const multiplier = z.number().positive().exactOptional();
const convolutional = {
  imageSize: positive,
  scaled: z.boolean().exactOptional(),
  hiddenWidths: widths,
};

const configSchema = z.union([
  transformerSchema,
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("mobilenet_v2"),
      ...convolutional,
      widthMultiplier: multiplier,
      depthMultiplier: multiplier,
      outputStride: z.union([z.literal(16), z.literal(32)]).exactOptional(),
      head: z.boolean().exactOptional(),
    }),
    z.object({
      kind: z.literal("efficientnet_lite"),
      ...convolutional,
      widthMultiplier: multiplier,
      depthMultiplier: multiplier,
    }),
    z.object({
      kind: z.literal("resnet_cifar"),
      ...convolutional,
      blocks: positive,
      widthMultiplier: multiplier,
    }),
    z.object({
      kind: z.literal("resnet"),
      ...convolutional,
      layers: z.union([z.literal(18), z.literal(34), z.literal(50)]),
      widthMultiplier: multiplier,
    }),
  ]),
]);

/** Options of {@linkcode encoderBackbone}. */
export interface EncoderBackboneOptions extends BackboneIdentity {
  /** Shape of the encoder. */
  readonly config: EncoderConfig;
  /** Freed with the backbone. */
  readonly parameters: EncoderParameters;
  /** Size and normalisation of its images. */
  readonly input: BackboneInput;
}

/**
 * Makes a backbone of an encoder. The features of a vision transformer are CLS and patches after the final
 * norm, those of a convolutional network the places of its last map and their mean. It owns `parameters`.
 *
 * @throws {UserError} Where the input size is no multiple of the patch size, or smaller than one place.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initVisionTransformer } from "@hashigo/hashigo/nn";
 * import { encoderBackbone } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const config = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2 };
 * const teacher = encoderBackbone({
 *   name: "untrained", family: "vision_transformer", licence: "Apache-2.0", digest: "",
 *   config, parameters: initVisionTransformer(config, randomStream(0)),
 *   input: { size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
 * });
 * const { patch } = teacher.features(tf.ones([2, 20, 20, 3]));
 * if (patch?.shape.join() !== "2,4,8") throw new Error();
 * ```
 */
export function encoderBackbone(options: EncoderBackboneOptions): Backbone {
  const { name, family, licence, digest, config, parameters, input } = options;
  const stagesAt = (size: number) => encoderStages({ ...config, imageSize: size });
  checkEncoderInput(name, config, input.size);
  return {
    name,
    family,
    licence,
    digest,
    input,
    width: encoderStages(config).at(-1)!.width,
    tokens: ["cls", "patch"],
    ...ownParameters(parameters),
    mode: isTransformer(config) ? "xla" : "graph",
    encoder: config,
    grid: (size = input.size) => stagesAt(size).at(-1)!.grid,
    features: (images) =>
      tf.tidy(() => encodeImages(parameters, preprocess(images, input), config)),
    // They have the names and shapes of the parameters that they replace.
    withParameters: (changed) =>
      encoderBackbone({ ...options, parameters: changed as EncoderParameters }),
    stages: (images, wanted) =>
      tf.tidy(() =>
        encoderOutputs(parameters, preprocess(images, input), config, { stages: wanted })
      ),
  };
}

/**
 * Refuses an input size that an encoder cannot take.
 *
 * @throws {UserError} Where it is no multiple of the patch size, or smaller than one place of the last map.
 */
export function checkEncoderInput(name: string, config: EncoderConfig, size: number): void {
  if (isTransformer(config)) {
    return checkInputSize(name, { size, minimum: config.patchSize, multiple: config.patchSize });
  }
  checkInputSize(name, { size, minimum: pixelsPerPlace(convolutionalStages(config)) });
}

/**
 * Reads an encoder from the bytes of a safetensors file: its config is the JSON in the metadata `config`,
 * its tensors have the names of {@link EncoderParameters}. Other tensors, such as a classifier's, are not
 * read.
 *
 * @param bytes The file.
 * @param name Names the network in errors.
 * @throws {UserError} Where the file cannot be trusted, has no config, or lacks a tensor.
 *
 * @example
 * ```ts
 * import { readEncoder } from "@hashigo/hashigo/teachers";
 * import { encodeSafetensors } from "@hashigo/hashigo/weights";
 * let refused = "";
 * try {
 *   readEncoder(encodeSafetensors(new Map()), "empty");
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes("config")) throw new Error("Expected to miss the config");
 * ```
 */
export function readEncoder(
  bytes: Uint8Array,
  name: string,
): { config: EncoderConfig; parameters: EncoderParameters } {
  const file = decodeSafetensors(bytes, { source: `the weights of "${name}"` });
  const config = parseEncoderConfig(file.metadata.config, name);
  const { entries } = layoutOfShapes<EncoderParameters>(encoderShapes(config));
  // All are read before a tensor is made, so that a refusal leaves nothing behind.
  const weights = entries.map(({ name: key, shape }) => {
    return { key, shape: [...shape], data: readNumbers(file, { key, shape, name }) };
  });
  const tensors = weights.map(({ key, shape, data }) => [key, tf.tensor(data, shape)] as const);
  // The names and shapes are those of the config, whose type this is.
  return { config, parameters: fromNamedTensors(tensors) as EncoderParameters };
}

/**
 * Reads the shape of an encoder from the JSON in the metadata `config` of its file.
 *
 * @param json Undefined where the file has no such metadata.
 * @param name Names the network in errors.
 * @throws {UserError} Where there is none, or it is not the shape of an encoder.
 *
 * @example
 * ```ts
 * import { parseEncoderConfig } from "./encoder_backbone.ts";
 * const json = '{ "imageSize": 16, "patchSize": 8, "width": 8, "depth": 1, "heads": 2 }';
 * const config = parseEncoderConfig(json, "mine");
 * if (config.imageSize !== 16) throw new Error();
 * ```
 */
export function parseEncoderConfig(
  json: string | undefined,
  name: string,
): EncoderConfig {
  try {
    return configSchema.parse(JSON.parse(json ?? ""));
  } catch (error) {
    const reason = json === undefined ? "none" : error instanceof Error ? error.message : json;
    throw new UserError(
      `Cannot load the encoder "${name}": found no valid config in its metadata ` +
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
    `Cannot load the encoder "${name}": found ${actual} for "${key}", expected ` +
      `floats [${shape}]. Its config and its tensors do not belong together: save it again`,
  );
}
