/** A student that starts from a teacher's weights predicts that teacher by itself, plus what its heads add. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import type { KeptTokens } from "../nn/kept_tokens.ts";
import { resampleTokens, supervisedGrid } from "../nn/token_grid.ts";
import { splitTokens } from "../nn/vision_transformer.ts";
import type { BlockOutputs } from "./projectors/check_block_outputs.ts";
import { stageOf } from "./projectors/head_groups.ts";
import { project, type ProjectorConfig, type ProjectorParameters } from "./projectors/projector.ts";
import { standardize } from "./standardizers/standardizer.ts";
import type { Statistics } from "./standardizers/statistics.ts";
import type { Predictions } from "./tokens.ts";

/** What projectors read of a student. */
export interface StudentTokens {
  /** `[batch, 1 + patches, width]` of each block that is read. */
  readonly outputs: BlockOutputs;
  /** The last one behind the final norm, where the student starts from a teacher. */
  readonly finished?: tf.Tensor3D | undefined;
}

/** The predictions of the teachers of a ladder, from what it reads. */
export function predictTeachers(
  parameters: ProjectorParameters,
  { outputs, finished }: StudentTokens,
  ladder: ProjectorConfig,
  options: {
    readonly statistics: Statistics | undefined;
    readonly kept?: KeptTokens | undefined;
  },
): Predictions {
  const predictions = project(parameters, outputs, ladder, options.kept);
  return finished === undefined
    ? predictions
    : predictSource(predictions, [finished], ladder, options);
}

/**
 * Adds the student's last block, standardised as the source teacher's features are, to what its heads
 * predict of that teacher. The heads begin at zero, so the first prediction is the source itself.
 *
 * @param outputs `[batch, 1 + patches, width]` of the student's blocks; the last is read, which has passed
 *   a final norm where the student has one.
 * @param options statistics: of the targets; kept: which patches of the grid the outputs are, default all.
 * @throws {UserError} Where there is a source and no statistics.
 */
export function predictSource(
  predictions: Predictions,
  outputs: BlockOutputs,
  ladder: ProjectorConfig,
  { statistics, kept }: {
    readonly statistics: Statistics | undefined;
    readonly kept?: KeptTokens | undefined;
  },
): Predictions {
  const name = "source" in ladder ? ladder.source : undefined;
  if (name === undefined) return predictions;
  const teacher = ladder.teachers.find((teacher) => teacher.name === name);
  const ofTeacher = predictions[name], last = outputs.at(-1);
  if (teacher === undefined || ofTeacher === undefined || last === undefined) return predictions;
  if (statistics === undefined) {
    throw new UserError(
      `Cannot predict "${name}", from which the student starts: found no statistics of its features. ` +
        "Give those by which its targets are standardised",
    );
  }
  const { cls, patch } = splitTokens(last), { grid } = stageOf(ladder, ladder.depth - 1);
  const compared = supervisedGrid(ladder.grid, teacher.grid);
  const own = standardize({
    [name]: {
      // Absent rather than undefined: every entry is a prediction.
      ...ofTeacher.cls && { cls },
      ...ofTeacher.patch && { patch: resampleTokens(patch, grid, compared, kept) },
    },
  }, { [name]: statistics[name] ?? {} })[name]!;
  return {
    ...predictions,
    [name]: {
      ...ofTeacher.cls && own.cls && { cls: tf.add<tf.Tensor2D>(ofTeacher.cls, own.cls) },
      ...ofTeacher.patch && own.patch && { patch: tf.add<tf.Tensor3D>(ofTeacher.patch, own.patch) },
    },
  };
}
