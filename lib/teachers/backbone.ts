/**
 * What a frozen network must offer to take part in a distillation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { TeacherShape } from "../method/tokens.ts";
import type { Grid } from "../nn/token_grid.ts";
import { countParameters, namedTensors, type Parameters } from "../tensors/parameters.ts";
import { UserError } from "../errors/user_error.ts";
import type { BackboneInput } from "./input.ts";
import { preprocess } from "./preprocess.ts";

/** What a network says about images: of the whole image, and of its patches row by row. */
export type Features = {
  /** `[batch, width]` */
  readonly cls?: tf.Tensor2D;
  /** `[batch, tokens, width]` */
  readonly patch?: tf.Tensor3D;
};

/** Names and provenance of a teacher. */
export interface BackboneIdentity {
  /** Name in the zoo, such as `mobilenet_v2_imagenet`. */
  readonly name: string;
  /** Architecture, such as `mobilenet_v2`. */
  readonly family: string;
  /** SPDX identifier. */
  readonly licence: string;
  /** SHA-256 of everything that its features depend on: equal digests, equal features. */
  readonly digest: string;
}

/** A frozen network that a student learns from: all that a distillation needs of it. */
export interface Teacher extends BackboneIdentity {
  /** What images are made into before they enter. */
  readonly input: BackboneInput;
  /** Numbers per token. */
  readonly width: number;
  /** The kinds of tokens that it has. */
  readonly tokens: readonly ("cls" | "patch")[];
  /** How it is compiled where it runs alone: XLA suits transformers. Default "graph". */
  readonly mode?: "graph" | "xla";
  /** Rows and columns of its patch tokens for square images of `size` pixels, default its input's. */
  grid(size?: number): Grid;
  /**
   * Pure, so it may be compiled.
   *
   * @param images `[batch, height, width, 3]` in [0, 1], any size: resized and normalised inside.
   */
  features(images: tf.Tensor4D): Features;
  /** Frees the parameters. */
  dispose(): void;
}

/** A frozen network with what measuring it needs: teachers, students and baselines are opened as one. */
export interface Backbone extends Teacher {
  /** Numbers that the features depend on. */
  readonly parameterCount: number;
  /** What the features depend on, where the network can be had with other numbers. */
  readonly parameters?: Parameters;
  /** The same network with parameters of the same names and shapes, which it then owns. */
  withParameters?(parameters: Parameters): Backbone;
  /**
   * Raw output of every block `[batch, 1 + patches, width]`, where the network is made of such. Pure.
   *
   * @param images As of `features`.
   */
  blocks?(images: tf.Tensor4D): tf.Tensor3D[];
}

/** What the ladder must know of a teacher. */
export function shapeOf(teacher: Teacher): TeacherShape {
  const { name, width, tokens } = teacher;
  return { name, width, tokens, grid: teacher.grid() };
}

/** What distinguishes one convolutional teacher from another. */
export interface ConvolutionalBackboneOptions<P extends Parameters = Parameters>
  extends BackboneIdentity {
  /** What images are made into before they enter. */
  readonly input: BackboneInput;
  /** Channels of the last map. */
  readonly width: number;
  /** Pixels per patch token: a map of a strided network has `ceil(size / stride)` rows. */
  readonly stride: number;
  /** Everything that is to be freed with the teacher. */
  readonly parameters: P;
  /** Preprocessed images `[batch, size, size, 3]` to the last map `[batch, rows, columns, width]`. */
  featureMap(parameters: P, images: tf.Tensor4D): tf.Tensor4D;
}

/**
 * A teacher from a network whose last map is averaged for its classifier: the mean stands for CLS,
 * the map's places are the patch tokens. It owns `parameters`.
 *
 * @throws {UserError} Where the input is smaller than one patch.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { convolutionalBackbone, startEngine } from "@hashigo/hashigo";
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
    parameterCount: countParameters(parameters),
    grid: (size = input.size) => [Math.ceil(size / stride), Math.ceil(size / stride)],
    features: (images) =>
      tf.tidy(() => {
        const map = featureMap(parameters, preprocess(images, input));
        const [batch, rows, columns] = map.shape;
        const patch: tf.Tensor3D = tf.reshape(map, [batch, rows * columns, width]);
        return { cls: tf.mean(patch, 1), patch };
      }),
    parameters,
    withParameters: (changed) => convolutionalBackbone({ ...options, parameters: changed as P }),
    dispose: () => tf.dispose(namedTensors(parameters).map(([, tensor]) => tensor)),
  };
}

/**
 * Refuses an input size that leaves nothing of an image.
 *
 * @throws {UserError} Where `size` is no whole number of at least `minimum` pixels, or a `multiple`
 *   is wanted and missed.
 *
 * @example
 * ```ts
 * import { checkInputSize } from "@hashigo/hashigo";
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
