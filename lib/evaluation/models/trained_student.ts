/** A student with the projectors and statistics of its training, which `student.safetensors` leaves out. */
import * as tf from "@tensorflow/tfjs";
import type { TeacherShape } from "../../method/tokens.ts";
import { namedTensors, unflatten } from "../../tensors/parameters.ts";
import type { Statistics } from "../../method/standardizers/statistics.ts";
import { type StudentConfig, studentLayout, type StudentParameters } from "../../method/student.ts";
import type { BackboneInput } from "../../teachers/input.ts";
import { UserError } from "../../errors/user_error.ts";
import { loadLatestCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import type { Recipe } from "../../recipe/options.ts";
import { stateFromHost } from "../../method/state.ts";
import { stateShapeOf, studentConfigOf, studentInputOf } from "../../recipe/student_config.ts";

/** Encoder, projectors and what was learnt of the teachers' scales. */
export interface TrainedStudent {
  /** Shapes of encoder and projectors. */
  readonly config: StudentConfig;
  /** Of both. */
  readonly parameters: StudentParameters;
  /** Mean and deviation of every teacher's features. */
  readonly statistics: Statistics;
  /** What images are made into before they enter. */
  readonly input: BackboneInput;
  /** Updates that it was trained for. */
  readonly step: number;
  /** Frees parameters and statistics. */
  dispose(): void;
}

/**
 * Reads the newest checkpoint of a run; dispose of it when done. The engine must have been started.
 *
 * @param folder of the run, finished or not.
 * @param teachers shapes of the recipe's teachers, in any order.
 * @throws {UserError} where the run has no checkpoint, or one of other teachers.
 */
export async function openTrainedStudent(
  folder: string,
  recipe: Recipe,
  teachers: readonly TeacherShape[],
): Promise<TrainedStudent> {
  const checkpoint = await loadLatestCheckpoint(folder);
  if (checkpoint === undefined) {
    throw new UserError(
      `Cannot read the projectors of "${folder}": found no checkpoint, expected at least one. ` +
        "Go on with deno task distill RECIPE --resume",
    );
  }
  const sorted = teachers.toSorted((a, b) => a.name < b.name ? -1 : 1);
  // Whole images go in, so its frozen stages are computed like the others.
  const { freeze: _, ...config } = studentConfigOf(recipe, sorted);
  const layout = studentLayout(config);
  const shape = stateShapeOf(recipe, sorted);
  const { tensors } = stateFromHost(checkpoint.tensors, checkpoint.step, layout, shape);
  const parameters = tf.tidy(() => unflatten(tensors.parameters, layout));
  const { statistics, ...rest } = tensors;
  tf.dispose(rest);
  return {
    config,
    parameters,
    statistics,
    input: studentInputOf(recipe),
    step: checkpoint.step,
    dispose: () => tf.dispose([...namedTensors(parameters).map(([, one]) => one), statistics]),
  };
}
