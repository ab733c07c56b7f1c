/** The losses of a batch, from images and targets: of all teachers at once, or of one after the other. */
import * as tf from "@tensorflow/tfjs";
import type { KeptTokens } from "../nn/kept_tokens.ts";
import { after, recompute } from "../tensors/recompute.ts";
import {
  joinLosses,
  lossesPerTeacher,
  type TeacherLosses,
  type TokenLosses,
  tokenLosses,
} from "./losses.ts";
import { type Projectors, projectorsByTeacher } from "./projectors/one_teacher.ts";
import { predictTeachers, type StudentTokens } from "./source.ts";
import type { Statistics } from "./standardizers/statistics.ts";
import { student, type StudentConfig, type StudentParameters, studentTokens } from "./student.ts";
import { pickPredictions } from "./token_selection.ts";
import type { Predictions, TokenType } from "./tokens.ts";

/** What the losses of a batch depend on, beside the student. */
export interface LossInputs {
  /** As the trained stages take them. */
  readonly images: tf.Tensor4D | tf.Tensor3D;
  /** Standardised features on the supervised grids. */
  readonly targets: Predictions;
  /** By which they were standardised. */
  readonly statistics: Statistics;
  /** `[depth, 2, batch]`. */
  readonly dropPath: tf.Tensor3D;
  /** The patches that the student sees, where some are masked. */
  readonly kept?: KeptTokens | undefined;
}

/**
 * The losses of a student's predictions. Where the heads are recomputed, the predictions of one teacher at
 * a time are there, in the gradient too.
 */
export function studentLosses(
  parameters: StudentParameters,
  { images, targets, ...options }: LossInputs,
  config: { readonly student: StudentConfig; readonly patchStride?: number | undefined },
): TeacherLosses {
  const { ladder, recomputeHeads } = config.student, stride = config.patchStride ?? 1;
  const names = ladder.teachers.map(({ name }) => name);
  if (!recomputeHeads) {
    const predictions = student(parameters, images, config.student, options);
    return lossesPerTeacher(pickPredictions(predictions, config.student, stride), targets, names);
  }
  const tokens = studentTokens(parameters, images, config.student, options);
  const losses: Record<string, TokenLosses> = {};
  let before: tf.Tensor | undefined;
  for (const projectors of projectorsByTeacher({ config: ladder, parameters: parameters.ladder })) {
    const { name, tokens: types } = projectors.config.teachers[0]!;
    const given = { ...options, tokens: waiting(tokens, before), targets: targets[name] ?? {} };
    const compared = { ...config.student, ladder: projectors.config };
    before = lossesOfTeacher(projectors, given, (predictions, targets) => {
      const picked = pickPredictions(predictions, compared, stride)[name] ?? {};
      return joined(tokenLosses(picked, targets, name));
    });
    losses[name] = apart(before as tf.Tensor2D, types);
  }
  return joinLosses(losses, names);
}

/** Tokens that are there only after the losses of another teacher, so that one at a time is computed. */
function waiting(
  { outputs, finished }: StudentTokens,
  before: tf.Tensor | undefined,
): StudentTokens {
  if (before === undefined) return { outputs, finished };
  return {
    outputs: outputs.map((output) => output && after(output, before)),
    finished: finished && after(finished, before),
  };
}

/** {@linkcode joined} losses of one teacher, of which the gradient computes everything once more. */
function lossesOfTeacher(
  { config, parameters }: Projectors,
  { tokens, targets, statistics, kept }: {
    readonly tokens: StudentTokens;
    readonly targets: Predictions[string];
    readonly statistics: Statistics;
    readonly kept?: KeptTokens | undefined;
  },
  lossesOf: (predictions: Predictions, targets: Predictions[string]) => tf.Tensor2D,
): tf.Tensor2D {
  const { outputs, finished } = tokens, { name } = config.teachers[0]!;
  const blocks = Object.fromEntries(
    outputs.flatMap((output, i) => output === undefined ? [] : [[i, output]]),
  );
  // Absent rather than undefined: trees of tensors.
  const activations = { blocks, ...finished && { finished } };
  const constants = { targets, statistics: statistics[name] ?? {}, ...kept && { kept } };
  return recompute(
    ({ activations: { blocks = {}, finished }, parameters, constants }) => {
      const { targets = {}, statistics = {}, kept } = constants as Partial<typeof constants>;
      const tokens = { outputs: outputs.map((_, i) => blocks[i]), finished };
      const options = { statistics: { [name]: statistics }, kept };
      return lossesOf(predictTeachers(parameters, tokens, config, options), targets);
    },
    { activations, parameters, constants },
  );
}

/** `[batch, 1 + tokens]`: a recomputed function has one result. */
function joined({ cls, patch }: TokenLosses): tf.Tensor2D {
  const parts = [...cls ? [tf.expandDims(cls, 1)] : [], ...patch ? [patch] : []];
  return tf.concat2d(parts as tf.Tensor2D[], 1);
}

/** Undoes {@linkcode joined}. */
function apart(losses: tf.Tensor2D, types: readonly TokenType[]): TokenLosses {
  const [batch, count] = losses.shape;
  const cls = types.includes("cls") ? 1 : 0;
  return {
    // Absent rather than undefined: every entry is a loss.
    ...cls && { cls: tf.reshape<tf.Rank.R1>(tf.slice(losses, [0, 0], [batch, 1]), [batch]) },
    ...types.includes("patch") && { patch: tf.slice(losses, [0, cls], [batch, count - cls]) },
  };
}
