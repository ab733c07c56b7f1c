/** Whether new images harm a student, without labels: how it still agrees with its teachers, and they with one another. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { UserError } from "../../errors/user_error.ts";
import { mapImages } from "../../evaluation/features/map_batches.ts";
import { openTrainedRun } from "../../evaluation/models/trained_run.ts";
import type { TrainedStudent } from "../../evaluation/models/trained_student.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { standardize } from "../../method/standardizers/standardizer.ts";
import { student } from "../../method/student.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { preprocess } from "../../teachers/preprocess.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { type Harm, harmOf, type HarmTargets } from "./harm.ts";

/** Images that all networks see at once. */
const batchSize = 32;

/** Options of {@linkcode measureHarm}. */
export interface MeasureHarmOptions {
  /** Draws the half of the reference that maps between teachers are fitted to, and the bootstrap. */
  readonly random: RandomStream;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

/**
 * Asks the student of a run and its teachers about images of both kinds: see {@linkcode harmOf} for what is
 * compared.
 *
 * @param folder of a finished run that keeps a checkpoint, which has the projectors.
 * @param images packs at the canvas of the run's recipe; the reference should be images that the student was not
 * trained on, since it agrees better on those that it was.
 * @throws {UserError} where the run keeps no projectors, or a teacher cannot be opened
 */
export async function measureHarm(
  folder: string,
  images: { readonly reference: ImagePack; readonly current: ImagePack },
  { random, onProgress }: MeasureHarmOptions,
): Promise<Harm> {
  const { trained, teachers, dispose } = await openTrainedRun(folder);
  const ask = agreement(trained, teachers);
  try {
    const outputs = async (pack: ImagePack, stage: string) =>
      await mapImages(pack, ask.compute, {
        batchSize,
        onProgress: (done, total) => onProgress?.(stage, done, total),
      });
    const reference = await outputs(images.reference, "asking the teachers about the reference");
    const current = await outputs(images.current, "asking the teachers about the images");
    const of = (name: string, part: string): HarmTargets => ({
      reference: matrixOf(reference, `${part}.${name}`),
      current: matrixOf(current, `${part}.${name}`),
    });
    return await harmOf(
      trained.config.ladder.teachers.map(({ name }) => ({
        ...{ name, targets: of(name, "target"), predictions: of(name, "prediction") },
      })),
      random,
    );
  } finally {
    ask.dispose();
    dispose();
  }
}

function matrixOf(outputs: { readonly [name: string]: FeatureMatrix | undefined }, name: string) {
  const matrix = outputs[name];
  if (matrix?.features.every(Number.isFinite)) return matrix;
  throw new UserError(
    `Cannot compare the student with its teachers: found features of "${name}" that are not finite. Train ` +
      "or fetch the network again",
  );
}

/**
 * For a batch, what the student predicts of each teacher and what that one gives, standardised: of the CLS token,
 * or the mean over patches where there is none.
 */
function agreement(
  { parameters, statistics, config, input }: TrainedStudent,
  teachers: readonly Backbone[],
) {
  const compiled = compileLazily((pixels: tf.Tensor4D): { [name: string]: tf.Tensor2D } => {
    const seen = tf.div<tf.Tensor4D>(pixels, 255);
    const predictions = student(parameters, preprocess(seen, input), config, { statistics });
    return Object.fromEntries(config.ladder.teachers.flatMap(({ name }) => {
      const teacher = teachers.find((one) => one.name === name)!;
      const predicted = predictions[name]!;
      const { cls, patch } = teacher.features(seen);
      // Patches are averaged before they are standardised, which comes to the same.
      const pooled = predicted.cls !== undefined
        ? { cls }
        : { patch: tf.mean<tf.Tensor3D>(patch!, 1, true) };
      const { [name]: target } = standardize(
        { [name]: pooled as { cls: tf.Tensor2D } },
        statistics,
      );
      const pool = (tokens: { cls?: tf.Tensor2D; patch?: tf.Tensor3D }) =>
        tokens.cls ?? tf.mean<tf.Tensor2D>(tokens.patch!, 1);
      return [
        [`target.${name}`, pool(target!)],
        [`prediction.${name}`, pool(predicted)],
      ];
    }));
  }, { mode: "graph", name: "student and teachers" });
  return { compute: compiled, dispose: () => compiled.dispose() };
}
