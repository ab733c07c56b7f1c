/** What disagreement of a student and its teachers says of new images. */
import * as tf from "@tensorflow/tfjs";
import { tokenLoss } from "../../method/losses.ts";
import { fitLinearPrediction } from "../../metrics/drift/linear_prediction.ts";
import { type Rise, riseOf, type TwoSamples } from "../../metrics/drift/rise.ts";
import {
  type FeatureMatrix,
  featureMean,
  gatherRows,
  joinUnitRows,
} from "../../metrics/feature_matrix.ts";
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

/** Outcome of {@linkcode harmOf}. */
export interface Harm {
  /**
   * "harmed": the student is further from its teachers than on the reference, and these from one another are not.
   * "unusual": these are, too, so that the images are strange to all. "none": the student is no further. "rising": it
   * is, and there is no second teacher to compare with.
   */
  readonly verdict: "harmed" | "unusual" | "none" | "rising";
  /** Images of the reference and of the others that were compared. */
  readonly images: { readonly reference: number; readonly current: number };
  /** Distillation loss of the student, the mean over teachers. */
  readonly student: Rise;
  /** Share of the teachers' variance that the others do not tell; undefined of one teacher. */
  readonly teachers?: Rise | undefined;
  /** The same of each teacher. */
  readonly each: readonly {
    readonly name: string;
    readonly student: Rise;
    readonly teachers?: Rise | undefined;
  }[];
}

/** Axes of the other teachers' features from which a teacher is predicted, at most. */
const mostAxes = 64;

/**
 * Compares on new images, against a reference, how far the student's predictions are from its teachers' features (the
 * distillation loss), and how far these are from one another: the share of the variance of a teacher's features,
 * within these very images, that the best linear map from the others does not tell (1 − R²; fitted to one half of
 * them, measured on the other). Where the student is further away and the teachers still tell of one another, they
 * know what they see and the student no longer follows: distil again.
 *
 * @param random draws the halves, and the images of the bootstrap.
 */
export async function harmOf(
  teachers: readonly HarmTeacher[],
  random: RandomStream,
): Promise<Harm> {
  const halves = halvesOf(teachers[0]!.targets, random);
  const measured: Measured[] = [];
  for (const teacher of teachers) {
    const others = teachers.filter((other) => other !== teacher).map((other) => other.targets);
    measured.push({
      name: teacher.name,
      reference: await measureKind("reference", teacher, others, halves.reference),
      current: await measureKind("current", teacher, others, halves.current),
    });
  }
  const draws = random.at("bootstrap");
  const samples = (of: readonly Measured[], part: keyof MeasuredKind): TwoSamples => ({
    reference: meanOver(of.map((one) => one.reference[part]!)),
    current: meanOver(of.map((one) => one.current[part]!)),
  });
  const rises = (of: readonly Measured[]) => ({
    student: riseOf(samples(of, "losses"), draws),
    ...teachers.length > 1 && {
      teachers: riseOf(samples(of, "untold"), draws, samples(of, "variance")),
    },
  });
  const all = rises(measured);
  return {
    verdict: verdictOf(all.student, all.teachers),
    images: {
      reference: halves.reference.measured.length,
      current: halves.current.measured.length,
    },
    ...all,
    each: measured.map((one) => ({ name: one.name, ...rises([one]) })),
  };
}

function verdictOf(student: Rise, teachers: Rise | undefined): Harm["verdict"] {
  if (student.low <= 1) return "none";
  if (teachers === undefined) return "rising";
  return teachers.low > 1 ? "unusual" : "harmed";
}

/** Numbers of each measured image of one kind, `[images]`. */
interface MeasuredKind {
  /** Distillation loss of the student. */
  readonly losses: ArrayLike<number>;
  /** Mean squared distance from what the others tell; undefined where there are none. */
  readonly untold: ArrayLike<number> | undefined;
  /** Mean squared distance from the mean of the fitted images. */
  readonly variance: ArrayLike<number>;
}

interface Measured {
  readonly name: string;
  readonly reference: MeasuredKind;
  readonly current: MeasuredKind;
}

async function measureKind(
  kind: keyof HarmTargets,
  { targets, predictions }: HarmTeacher,
  others: readonly HarmTargets[],
  half: Half,
): Promise<MeasuredKind> {
  const { fitted, measured } = half, target = targets[kind], held = rowsOf(target, measured);
  const told = others.length === 0
    ? undefined
    : await fromOthers(others.map((other) => other[kind]), target, half);
  const mean = featureMean(rowsOf(target, fitted));
  return {
    losses: await lossesOf(rowsOf(predictions[kind], measured), held),
    untold: told && squaredDistances(held, (i) => told.features[i]!),
    variance: squaredDistances(held, (i) => mean[i % held.width]!),
  };
}

/** Of each row from another, the mean over its numbers. */
function squaredDistances(
  { features, width }: FeatureMatrix,
  other: (place: number) => number,
): Float64Array {
  const distances = new Float64Array(features.length / width);
  features.forEach((value, i) =>
    distances[Math.floor(i / width)]! += (value - other(i)) ** 2 / width
  );
  return distances;
}

/** Positions of images. */
interface Half {
  readonly fitted: Uint32Array;
  readonly measured: Uint32Array;
}

/** Positions that maps are fitted to, as many of both kinds, and all others, which are measured. */
function halvesOf(
  targets: HarmTargets,
  random: RandomStream,
): Record<keyof HarmTargets, Half> {
  const count = ({ features, width }: FeatureMatrix) => features.length / width;
  const fitted = Math.min(count(targets.reference), count(targets.current)) >> 1;
  const part = (kind: keyof HarmTargets) => {
    const order = random.at("half", kind).permutation(count(targets[kind]));
    return { fitted: order.subarray(0, fitted), measured: order.subarray(fitted) };
  };
  return { reference: part("reference"), current: part("current") };
}

/** What a teacher's features are by those of the others, of the measured half. */
async function fromOthers(
  others: readonly FeatureMatrix[],
  target: FeatureMatrix,
  { fitted, measured }: Half,
): Promise<FeatureMatrix> {
  const known = joinUnitRows(others), learnt = rowsOf(known, fitted);
  const found = await principalAxes(learnt);
  const count = Math.min(mostAxes, found.count, Math.max(1, fitted.length >> 2));
  const axes = { ...found, count, axes: found.axes.subarray(0, count * known.width) };
  // A tenth of the mean variance along the axes.
  const penalty = 0.1 * found.variances.subarray(0, count).reduce((sum, one) => sum + one) / count;
  const map = fitLinearPrediction(
    await alongAxes(learnt, axes),
    rowsOf(target, fitted),
    penalty,
  );
  return map.predict(await alongAxes(rowsOf(known, measured), axes));
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
function meanOver(lists: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(
    lists[0]!,
    (_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length,
  );
}
