/** What each rung of a trained student's ladder adds to its predictions (UNIC section 3.4). */
import * as tf from "@tensorflow/tfjs";
import { project } from "../../method/projectors/projector.ts";
import { encoderOutputs } from "../../nn/encoder.ts";
import { isTransformer } from "../../nn/encoder.ts";
import { blocksOf } from "../../method/student.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";
import { shapeOf } from "../../teachers/backbone.ts";
import { preprocess } from "../../teachers/preprocess.ts";
import { openTrainedStudent, type TrainedStudent } from "../models/trained_student.ts";

/** The rungs of one teacher. */
export interface RungShares {
  /** Its name in the recipe. */
  readonly teacher: string;
  /** By block that has a rung, from the first: the share of its part among the lengths of all parts; they sum to 1. */
  readonly shares: readonly number[];
  /** How much of the prediction is not the sum of its parts, relative to its length: only rounding. */
  readonly remainder: number;
}

/**
 * Takes the predictions of a run's student apart, rung by rung: each part is what a block's perceptron says of the
 * images, without what it says of nothing. Of teachers without a CLS token the patch tokens are taken.
 *
 * @param folder of a run with a checkpoint, finished or not.
 * @param images `[batch, height, width, 3]`, 0 to 1.
 * @returns the blocks with rungs, counted from 1 (the stages of a convolutional network from 0, its stem), and
 * the shares of each teacher in the order of the recipe.
 * @throws {UserError} where there is no run or no checkpoint, or a teacher cannot be opened.
 *
 * @example
 * ```ts ignore
 * const { blocks, teachers } = await measureRungs("runs/demo", images);
 * ```
 */
export async function measureRungs(
  folder: string,
  images: tf.Tensor4D,
): Promise<{ readonly blocks: readonly number[]; readonly teachers: readonly RungShares[] }> {
  const recipe = await loadRecipe(runPaths(folder).recipe);
  const shapes = [];
  for (const spec of recipe.teachers) {
    const teacher = await openBackbone(spec);
    shapes.push({ ...shapeOf(teacher), name: spec.name });
    teacher.dispose();
  }
  const trained = await openTrainedStudent(folder, recipe, shapes);
  try {
    const blocks = blocksOf(trained.config);
    const measured = tf.tidy(() => takeApart(trained, images, blocks));
    return {
      blocks: blocks.map((block) => isTransformer(trained.config.encoder) ? block + 1 : block),
      teachers: recipe.teachers.map(({ name }) => ({ teacher: name, ...measured[name]! })),
    };
  } finally {
    trained.dispose();
  }
}

function takeApart(
  { config, parameters, input }: TrainedStudent,
  images: tf.Tensor4D,
  blocks: readonly number[],
) {
  const seen = preprocess(images, input);
  const outputs = encoderOutputs(parameters.encoder, seen, config.encoder, { stages: blocks });
  const predict = (heard: readonly number[]) =>
    project(
      parameters.ladder,
      outputs.map((one, i) => one && !heard.includes(i) ? tf.zerosLike(one) : one),
      config.ladder,
    );
  const [whole, nothing] = [predict(blocks), predict([])];
  const alone = blocks.map((block) => predict([block]));
  return Object.fromEntries(config.ladder.teachers.map(({ name }) => {
    const tokens = (prediction: typeof whole) =>
      (prediction[name]!.cls ?? prediction[name]!.patch!) as tf.Tensor;
    const parts = alone.map((one) => tf.sub(tokens(one), tokens(nothing)));
    const lengths = parts.map(length);
    const sum = lengths.reduce((all, one) => all + one, 0);
    const rest = tf.sub(tokens(whole), tf.add(tokens(nothing), tf.addN(parts)));
    const remainder = length(rest) / length(tokens(whole));
    return [name, { shares: lengths.map((one) => one / sum), remainder }] as const;
  }));
}

/** Mean length of the vectors of a tensor's last axis. */
function length(tensor: tf.Tensor): number {
  return tf.mean(tf.norm(tensor, 2, -1)).dataSync()[0]!;
}
