/** What disagreement of a student and its teachers says of new images. */
import * as tf from "@tensorflow/tfjs";
import { tokenLoss } from "../../method/losses.ts";
import { fitLinearPrediction } from "../../metrics/drift/linear_prediction.ts";
import {
  excessRise,
  type RatioInterval,
  riseOf,
  type TwoSamples,
} from "../../metrics/drift/rise.ts";
import { type FeatureMatrix, gatherRows, joinUnitRows } from "../../metrics/feature_matrix.ts";
import { alongAxes, principalAxes } from "../../metrics/representation/principal_axes.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** Features of the reference and of new images. */
export interface HarmTargets {
  /** `[images, width]` */
  readonly reference: FeatureMatrix;
  /** `[images, width]` */
  readonly current: FeatureMatrix;
}

/** A teacher's features, and what the student predicts of them. */
export interface HarmTeacher {
  readonly name: string;
  /** Standardised, as the student learnt them. */
  readonly targets: HarmTargets;
  readonly predictions: HarmTargets;
}

/** Disagreement about a teacher's features, by the distillation loss. */
export interface Disagreement {
  /** Mean over the reference. */
  readonly reference: number;
  /** Mean over new images. */
  readonly current: number;
  /** The latter as a multiple of the former. */
  readonly rise: RatioInterval;
}

/** Outcome of {@linkcode harmOf}. */
export interface Harm {
  /**
   * "harmed": the student's disagreement with its teachers rises, and more than theirs with one another. "unusual":
   * both rise alike, so that the images are strange to all. "none": the student's does not rise. "rising": it does,
   * and there is no second teacher to compare with.
   */
  readonly verdict: "harmed" | "unusual" | "none" | "rising";
  /** Images of the reference and of the others that were compared. */
  readonly images: { readonly reference: number; readonly current: number };
  /** The student from its teachers, the mean over these. */
  readonly student: Disagreement;
  /** The teachers from what the others tell of them; undefined of one teacher. */
  readonly teachers?: Disagreement | undefined;
  /** The student's rise as a multiple of the teachers'; undefined of one teacher. */
  readonly excess?: RatioInterval | undefined;
  /** The same of each teacher. */
  readonly each: readonly {
    readonly name: string;
    readonly student: Disagreement;
    readonly teachers?: Disagreement | undefined;
  }[];
}

/** Axes of the other teachers' features from which a teacher is predicted, at most. */
const mostAxes = 64;

/**
 * Compares on new images, against a reference, how far the student's predictions are from each teacher's features,
 * with how far these are from what the other teachers tell of them by a linear map, fitted to a random half of the
 * reference. Both are the distillation loss, of the other half and of the new images. Where the former rises and the
 * latter does not, the teachers still know what they see and the student no longer follows them: distil again.
 *
 * @param random draws the half, and the images of the bootstrap.
 */
export async function harmOf(
  teachers: readonly HarmTeacher[],
  random: RandomStream,
): Promise<Harm> {
  const { reference } = teachers[0]!.targets;
  const images = reference.features.length / reference.width;
  const order = random.at("half").permutation(images);
  const fitted = order.subarray(0, images >> 1), measured = order.subarray(images >> 1);
  const losses = [];
  for (const teacher of teachers) {
    const { name, targets, predictions } = teacher;
    const held = rowsOf(targets.reference, measured);
    const student: TwoSamples = {
      reference: await lossesOf(rowsOf(predictions.reference, measured), held),
      current: await lossesOf(predictions.current, targets.current),
    };
    const others = teachers.filter((other) => other !== teacher).map((other) => other.targets);
    const guess = others.length === 0 ? undefined : await fromOthers(others, targets, {
      fitted,
      measured,
    });
    const together: TwoSamples | undefined = guess && {
      reference: await lossesOf(guess.reference, held),
      current: await lossesOf(guess.current, targets.current),
    };
    losses.push({ name, student, together });
  }
  const draws = random.at("bootstrap");
  const disagreement = (samples: TwoSamples): Disagreement => ({
    reference: meanOf(samples.reference),
    current: meanOf(samples.current),
    rise: riseOf(samples, draws),
  });
  const student = meanSamples(losses.map((one) => one.student));
  const together = losses.length < 2 ? undefined : meanSamples(losses.map((one) => one.together!));
  const excess = together && excessRise(student, together, draws);
  const ofStudent = disagreement(student);
  return {
    verdict: verdictOf(ofStudent.rise, excess),
    images: { reference: measured.length, current: student.current.length },
    student: ofStudent,
    ...together && { teachers: disagreement(together), excess },
    each: losses.map(({ name, student, together }) => ({
      name,
      student: disagreement(student),
      ...together && { teachers: disagreement(together) },
    })),
  };
}

function verdictOf(student: RatioInterval, excess: RatioInterval | undefined): Harm["verdict"] {
  if (student.low <= 1) return "none";
  if (excess === undefined) return "rising";
  return excess.low > 1 ? "harmed" : "unusual";
}

/** What a teacher's features are by those of the others, of the measured half and of the new images. */
async function fromOthers(
  others: readonly HarmTargets[],
  { reference }: HarmTargets,
  { fitted, measured }: { readonly fitted: Uint32Array; readonly measured: Uint32Array },
): Promise<HarmTargets> {
  const joined = (kind: keyof HarmTargets) => joinUnitRows(others.map((other) => other[kind]));
  const known = joined("reference"), learnt = rowsOf(known, fitted);
  const found = await principalAxes(learnt);
  const count = Math.min(mostAxes, found.count, Math.max(1, fitted.length >> 2));
  const axes = { ...found, count, axes: found.axes.subarray(0, count * known.width) };
  const map = fitLinearPrediction(
    await alongAxes(learnt, axes),
    rowsOf(reference, fitted),
    // A tenth of the mean variance along the axes.
    0.1 * found.variances.subarray(0, count).reduce((sum, one) => sum + one, 0) / count,
  );
  return {
    reference: map.predict(await alongAxes(rowsOf(known, measured), axes)),
    current: map.predict(await alongAxes(joined("current"), axes)),
  };
}

function rowsOf({ features, width }: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  return { features: gatherRows(features, rows, width), width };
}

/** The distillation loss of each image. */
async function lossesOf(
  { features, width }: FeatureMatrix,
  target: FeatureMatrix,
): Promise<Float32Array> {
  const shape: [number, number] = [features.length / width, width];
  const losses = tf.tidy(() =>
    tokenLoss(tf.tensor2d(features, shape), tf.tensor2d(target.features, shape))
  );
  const values = await losses.data<"float32">();
  losses.dispose();
  return values;
}

/** Of each image the mean over teachers. */
function meanSamples(samples: readonly TwoSamples[]): TwoSamples {
  const over = (kind: keyof TwoSamples) =>
    Array.from(
      samples[0]![kind],
      (_, i) => meanOf(samples.map((one) => one[kind][i]!)),
    );
  return { reference: over("reference"), current: over("current") };
}

function meanOf(list: ArrayLike<number>): number {
  return Array.from(list).reduce((sum, value) => sum + value, 0) / list.length;
}
