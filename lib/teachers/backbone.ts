/**
 * Frozen networks: what a distillation and a measurement need of them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { EncoderConfig } from "../nn/encoder.ts";
import type { PositionRule } from "../nn/position.ts";
import type { Predictions, TeacherShape } from "../method/tokens.ts";
import type { Grid } from "../nn/token_grid.ts";
import { countParameters, namedTensors, type Parameters } from "../tensors/parameters.ts";
import { UserError } from "../errors/user_error.ts";
import type { BackboneInput } from "./input.ts";
import { preprocess } from "./preprocess.ts";

/** Features of a batch of images; kinds of tokens that a network does not have are absent. */
export type Features = {
  /** Of the whole image, `[batch, width]`. */
  readonly cls?: tf.Tensor2D;
  /** Of its patches, row by row, `[batch, patches, width]`. */
  readonly patch?: tf.Tensor3D;
};

/** Name and provenance of a frozen network. */
export interface BackboneIdentity {
  /** Name in the zoo, such as `mobilenet_v2_imagenet`. */
  readonly name: string;
  /** Architecture, such as `mobilenet_v2`. */
  readonly family: string;
  /** SPDX identifier of the licence of its weights. */
  readonly licence: string;
  /** SHA-256 of everything that its features depend on: equal digests, equal features. */
  readonly digest: string;
}

/** A frozen network that a student can learn from. */
export interface Teacher extends BackboneIdentity {
  /** Size and normalisation of its images. */
  readonly input: BackboneInput;
  /** Numbers per token. */
  readonly width: number;
  /** The kinds of tokens that it has. */
  readonly tokens: readonly ("cls" | "patch")[];
  /** How it is compiled outside a training step; XLA suits transformers. Default "graph". */
  readonly mode?: "graph" | "xla";
  /** Rows and columns of its patch tokens for square images of `size` pixels, default its input's. */
  grid(size?: number): Grid;
  /**
   * Computes the features of images; pure, so that it can be compiled.
   *
   * @param images `[batch, height, width, 3]` in [0, 1], of any size: they are resized and normalised.
   */
  features(images: tf.Tensor4D): Features;
  /** Frees the parameters. */
  dispose(): void;
}

/** The projectors of a student: what it predicts of its teachers. */
export interface Predictor {
  /** The teachers, each with the grid on which its patches are predicted. */
  readonly teachers: readonly TeacherShape[];
  /** Stages that are read, see {@linkcode Backbone.stages}. */
  readonly stages: readonly number[];
  /** Number of parameters of the projectors. */
  readonly parameterCount: number;
  /** Changes with the projectors. */
  readonly digest: string;
  /** Predictions from the outputs of those stages, on the standardised scale of the teachers; pure. */
  predict(outputs: readonly (tf.Tensor3D | undefined)[]): Predictions;
}

/** A frozen network that can be measured: a teacher, a student or a baseline. */
export interface Backbone extends Teacher {
  /** What was supposed or passed over when its file was read; lines for whoever opened it. */
  readonly notes?: readonly string[];
  /** How its outputs make the features, in words. Default: as they are. */
  readonly readout?: string;
  /** Number of parameters that the features depend on. */
  readonly parameterCount: number;
  /** Parameters that the features depend on, where others can take their place. */
  readonly parameters?: Parameters;
  /** The network with other parameters of the same names and shapes, which it then owns. */
  withParameters?(parameters: Parameters): Backbone;
  /** Shape of the network, where it is one that a student can be. */
  readonly encoder?: EncoderConfig;
  /** What keeps it from being one, "its … "; absent where nothing does, or nothing is known. */
  readonly unlikeStudents?: string;
  /** How its positions are interpolated where it is a transformer of others. Default: as a student's. */
  readonly positions?: PositionRule;
  /**
   * Computes the raw output of every stage, `[batch, 1 + patches, width]`, CLS first or, of a convolutional
   * network, the mean over all places; pure. Absent where the network has no stages that can be seen.
   *
   * @param images As in `features`.
   * @param wanted Numbers of the stages that are wanted; the others are undefined. Default: all.
   */
  stages?(images: tf.Tensor4D, wanted?: readonly number[]): (tf.Tensor3D | undefined)[];
  /** Predicts its teachers, where it is a student whose projectors are at hand. */
  readonly predictor?: Predictor;
}

/** The shape of a teacher: all that projectors need to know of it. */
export function shapeOf(teacher: Teacher): TeacherShape {
  const { name, width, tokens } = teacher;
  return { name, width, tokens, grid: teacher.grid() };
}

/** Options of {@linkcode convolutionalBackbone}. */
export interface ConvolutionalBackboneOptions<P extends Parameters = Parameters>
  extends BackboneIdentity {
  /** Size and normalisation of its images. */
  readonly input: BackboneInput;
  /** Channels of the last map. */
  readonly width: number;
  /** Pixels between patch tokens: the last map has `ceil(size / stride)` rows. */
  readonly stride: number;
  /** Freed with the network. */
  readonly parameters: P;
  /** Computes the last map `[batch, rows, columns, width]` of preprocessed images `[batch, size, size, 3]`. */
  featureMap(parameters: P, images: tf.Tensor4D): tf.Tensor4D;
}

/**
 * Makes a backbone of a convolutional network. Its last map has the patch tokens, their mean stands for
 * CLS. It owns `parameters`.
 *
 * @throws {UserError} Where the input is smaller than one patch.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { convolutionalBackbone } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const teacher = convolutionalBackbone({
 *   name: "colours", family: "mean", licence: "CC0-1.0", digest: "",
 *   input: { size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
 *   width: 3, stride: 4, parameters: {},
 *   featureMap: (_, images) => tf.avgPool(images, 4, 4, "same"),
 * });
 * const { cls, patch } = teacher.features(tf.ones([2, 6, 6, 3]));
 * if (cls?.shape.join() !== "2,3" || patch?.shape.join() !== "2,4,3") throw new Error();
 * ```
 */
export function convolutionalBackbone<P extends Parameters>(
  options: ConvolutionalBackboneOptions<P>,
): Backbone {
  const { name, family, licence, digest, input, width, stride, parameters, featureMap } = options;
  checkInputSize(name, { size: input.size, minimum: stride });
  return {
    name,
    family,
    licence,
    digest,
    input,
    width,
    tokens: ["cls", "patch"],
    ...ownParameters(parameters),
    grid: (size = input.size) => [Math.ceil(size / stride), Math.ceil(size / stride)],
    features: (images) =>
      tf.tidy(() => {
        const map = featureMap(parameters, preprocess(images, input));
        const [batch, rows, columns] = map.shape;
        const patch: tf.Tensor3D = tf.reshape(map, [batch, rows * columns, width]);
        return { cls: tf.mean(patch, 1), patch };
      }),
    // They have the names and shapes of the parameters that they replace.
    withParameters: (changed) => convolutionalBackbone({ ...options, parameters: changed as P }),
  };
}

/** The properties of a backbone that follow from parameters of its own. */
export function ownParameters<P extends Parameters>(
  parameters: P,
): { readonly parameters: P } & Pick<Backbone, "parameterCount" | "dispose"> {
  return {
    parameters,
    parameterCount: countParameters(parameters),
    dispose: () => tf.dispose(namedTensors(parameters).map(([, tensor]) => tensor)),
  };
}

/**
 * Refuses an input size that a network cannot take.
 *
 * @param options Pixels: `size` must be a whole number of at least `minimum`, and a multiple of
 *   `multiple`, default 1.
 * @throws {UserError} Where it is not.
 *
 * @example
 * ```ts
 * import { checkInputSize } from "./backbone.ts";
 * checkInputSize("mobilenet_v2_imagenet", { size: 64, minimum: 32 });
 * ```
 */
export function checkInputSize(
  name: string,
  options: { readonly size: number; readonly minimum: number; readonly multiple?: number },
): void {
  const { size, minimum, multiple = 1 } = options;
  if (Number.isSafeInteger(size) && size >= minimum && size % multiple === 0) return;
  const step = multiple === 1 ? "a whole number" : `a multiple of ${multiple}`;
  throw new UserError(
    `Cannot load the teacher "${name}": found the input size ${size}, expected ${step} of at ` +
      `least ${minimum} pixels. Choose another inputSize, or leave it out for the network's own`,
  );
}
