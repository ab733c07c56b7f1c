/**
 * The student: an encoder and the projectors through which it learns (UNIC figure 2).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { KeptTokens } from "../nn/kept_tokens.ts";
import type { Predictions } from "./tokens.ts";
import type { EncodedTokens } from "../nn/vision_transformer.ts";
import {
  encodeImages,
  encoderOutputs,
  type EncoderParameters,
  encoderShapes,
  finishTokens,
  initEncoder,
} from "../nn/encoder.ts";
import { type EncoderConfig, encoderStages } from "../nn/encoder.ts";
import { blocksRead, readsClsOnly } from "./projectors/head_groups.ts";
import {
  initProjector,
  type ProjectorConfig,
  type ProjectorParameters,
  projectorShapes,
} from "./projectors/projector.ts";
import { predictTeachers, type StudentTokens } from "./source.ts";
import type { Statistics } from "./standardizers/statistics.ts";
import { flatten, type Layout, layoutOf } from "../tensors/parameters.ts";
import type { RandomStream } from "../tensors/random.ts";
import { releasableStream } from "../tensors/releasable_stream.ts";
import { layoutOfShapes } from "../tensors/shapes.ts";
import { UserError } from "../errors/user_error.ts";

/** Shapes of a student: an encoder, which is kept, and the projectors of its training, which are not. */
export interface StudentConfig {
  /** A vision transformer or a convolutional network. */
  readonly encoder: EncoderConfig;
  /** Projectors of the same width, depth and grid. */
  readonly ladder: ProjectorConfig;
  /** Stages of the encoder, from the first on, that are not trained. Default 0. */
  readonly freeze?: number;
  /** Share of the patches of a transformer that it does not see in training. Default 0. */
  readonly tokenMask?: number;
  /** Whether the gradient computes each stage of the encoder once more instead of keeping it. Default false. */
  readonly recompute?: boolean;
  /** Whether teachers are predicted one after the other, and once more in the gradient. Default false. */
  readonly recomputeHeads?: boolean;
}

/** Parameters of encoder and ladder. */
export type StudentParameters = {
  readonly encoder: EncoderParameters;
  readonly ladder: ProjectorParameters;
};

/**
 * Parameters of a student from scratch.
 *
 * @throws {UserError} Where encoder and ladder do not fit together.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStudent } from "@hashigo/hashigo/method";
 * await startEngine();
 * const grid = [4, 4] as const;
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid }];
 * const parameters = initStudent({
 *   encoder: { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 },
 *   ladder: { width: 16, depth: 2, grid, teachers },
 * }, randomStream(0));
 * if (!("cls" in parameters.ladder)) throw new Error("Expected heads for CLS");
 * ```
 */
export function initStudent(config: StudentConfig, random: RandomStream): StudentParameters {
  checkStudent(config);
  return {
    encoder: initEncoder(config.encoder, random.at("encoder")),
    ladder: initProjector(config.ladder, random.at("ladder")),
  };
}

/**
 * Where each of a student's parameters lies in one flat buffer, by its name and shape; no tensor is
 * allocated.
 *
 * @throws {UserError} Where encoder and ladder do not fit together.
 *
 * @example
 * ```ts
 * import { studentLayout } from "@hashigo/hashigo/method";
 * const grid = [4, 4] as const;
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid }];
 * const { entries } = studentLayout({
 *   encoder: { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 },
 *   ladder: { width: 16, depth: 2, grid, teachers },
 * });
 * const position = entries.find(({ name }) => name === "encoder.position");
 * if (position?.shape.join() !== "17,16") throw new Error("Expected CLS and 16 patches");
 * ```
 */
export function studentLayout(config: StudentConfig): Layout<StudentParameters> {
  checkStudent(config);
  return layoutOfShapes<StudentParameters>({
    encoder: encoderShapes(config.encoder),
    ladder: projectorShapes(config.ladder),
  });
}

function checkStudent({ encoder, ladder }: StudentConfig): void {
  const names = ladder.teachers.map(({ name }) => name);
  const wrong = names.find((name, i) => name.includes(".") || names.indexOf(name) !== i);
  if (wrong !== undefined) {
    throw new UserError(
      `Cannot build a student of the teachers ${
        names.map((name) => `"${name}"`).join(", ")
      }: expected ` +
        `different names without a dot, which parts the names of parameters. Rename "${wrong}"`,
    );
  }
  const stages = encoderStages(encoder), { width, grid } = stages.at(-1)!;
  const last = ladder.stages?.at(-1) ?? ladder;
  const fits = width === last.width && stages.length === ladder.depth &&
    `${grid}` === `${last.grid}`;
  if (fits) return;
  throw new UserError(
    `Cannot build a student: its encoder has width ${width}, depth ${stages.length} and ` +
      `${grid.join(" x ")} patches, its ladder expects ${last.width}, ${ladder.depth} and ` +
      `${last.grid.join(" x ")}. Give both the same`,
  );
}

/**
 * Freshly drawn parameters of a student, flat, and where each tensor lies.
 *
 * @param encoder takes the place of the drawn one; borrowed
 */
export function initParameters(
  student: StudentConfig,
  random: RandomStream,
  encoder?: EncoderParameters,
): { parameters: tf.Tensor1D; layout: Layout<StudentParameters> } {
  const { stream, release } = releasableStream(random.at("student"));
  const tree = initStudent(student, stream);
  const layout = layoutOf(tree);
  const parameters = tf.tidy(() => flatten({ ...tree, encoder: encoder ?? tree.encoder }, layout));
  tf.dispose(tree);
  // All numbers were copied into one buffer.
  release();
  return { parameters, layout };
}

/** Which blocks the projectors of a student read. */
export function blocksOf({ ladder }: StudentConfig): readonly number[] {
  const reads = ladder.kind === undefined || ladder.kind === "ladder";
  return reads ? blocksRead(ladder) : [ladder.depth - 1];
}

/**
 * The student's predictions of every teacher in training. It reads the raw outputs of the blocks, so
 * the encoder's final norm takes no part and stays at weight 1 and bias 0; but where the student starts from
 * a teacher, it predicts that one behind the norm.
 *
 * @param images `[batch, height, width, 3]`, normalised; of a student with frozen stages what those give.
 * @param options.dropPath `[depth, 2, batch]`, from {@linkcode drawDropPath}.
 * @param options.statistics By which the targets are standardised; needed where the ladder has a source.
 * @param options.kept The patches that enter a transformer: teachers of its own grid are predicted at these
 *   places only, those of coarser grids everywhere, from averages of what there is. Default: all.
 * @source UNIC figure 2.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStudent, student } from "@hashigo/hashigo/method";
 * await startEngine();
 * const grid = [4, 4] as const;
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid }];
 * const config = {
 *   encoder: { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 },
 *   ladder: { width: 16, depth: 2, grid, teachers },
 * };
 * const parameters = initStudent(config, randomStream(0));
 * const { a } = student(parameters, tf.zeros<tf.Rank.R4>([3, 32, 32, 3]), config);
 * if (a?.cls?.shape.join() !== "3,5") throw new Error("Expected the teacher's width");
 * ```
 */
export function student(
  parameters: StudentParameters,
  images: tf.Tensor4D | tf.Tensor3D,
  config: StudentConfig,
  options: {
    readonly dropPath?: tf.Tensor3D | undefined;
    readonly statistics?: Statistics | undefined;
    readonly kept?: KeptTokens | undefined;
  } = {},
): Predictions {
  const { statistics, kept } = options, { ladder } = config;
  const tokens = studentTokens(parameters, images, config, options);
  return predictTeachers(parameters.ladder, tokens, ladder, { statistics, kept });
}

/** What the projectors read of the student. */
export function studentTokens(
  parameters: StudentParameters,
  images: tf.Tensor4D | tf.Tensor3D,
  config: StudentConfig,
  { dropPath, kept }: {
    readonly dropPath?: tf.Tensor3D | undefined;
    readonly kept?: KeptTokens | undefined;
  },
): StudentTokens {
  const outputs = encoderOutputs(parameters.encoder, images, config.encoder, {
    ...{ dropPath, stages: blocksOf(config), kept },
    from: config.freeze,
    recompute: config.recompute,
    // A block of its own attends to all tokens.
    clsOnly: readsClsOnly(config.ladder) && config.ladder.kind !== "transformer",
  });
  const last = outputs.at(-1);
  if (!("source" in config.ladder) || last === undefined) return { outputs };
  // The source's features are those behind its final norm.
  return { outputs, finished: finishTokens(parameters.encoder, last, config.encoder) };
}

/**
 * The features of a trained student: its encoder's tokens after the final norm, without the ladder.
 *
 * @param images `[batch, height, width, 3]`, normalised.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStudent, studentFeatures } from "@hashigo/hashigo/method";
 * await startEngine();
 * const grid = [4, 4] as const;
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid }];
 * const config = {
 *   encoder: { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 },
 *   ladder: { width: 16, depth: 2, grid, teachers },
 * };
 * const parameters = initStudent(config, randomStream(0));
 * const { patch } = studentFeatures(parameters, tf.zeros<tf.Rank.R4>([3, 32, 32, 3]), config);
 * if (patch.shape.join() !== "3,16,16") throw new Error("Expected the student's own tokens");
 * ```
 */
export function studentFeatures(
  parameters: StudentParameters,
  images: tf.Tensor4D,
  config: StudentConfig,
): EncodedTokens {
  return encodeImages(parameters.encoder, images, config.encoder);
}
