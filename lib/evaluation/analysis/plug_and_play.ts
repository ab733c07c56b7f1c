/**
 * Plug-and-play: a student's predictions of a teacher's features go through the teacher's own classifier,
 * without any training.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { Predictions } from "../../method/tokens.ts";
import { destandardize } from "../../method/standardizers/standardizer.ts";
import type { Statistics } from "../../method/standardizers/statistics.ts";
import { student } from "../../method/student.ts";
import { matchClasses } from "../../teachers/zoo/class_names.ts";
import { loadClassifier, type TeacherClassifier } from "../../teachers/zoo/classifier.ts";
import { preprocess } from "../../teachers/preprocess.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { mapImages } from "../features/map_batches.ts";
import { keptTokensOf } from "../../recipe/feature_cache.ts";
import { keepTokens } from "../../teachers/keep_tokens.ts";
import { openTrainedRun } from "../models/trained_run.ts";
import type { TrainedStudent } from "../models/trained_student.ts";
import type { PlugAndPlayRow } from "./analysis.ts";

/**
 * The logits of a teacher's classifier on a student's predictions of that teacher's CLS features, brought
 * to the teacher's own scale.
 *
 * @param predictions Standardised, as they come from the student.
 * @returns `[batch, classes]`
 * @throws {Error} where there is no prediction of the teacher's CLS.
 * @source UNIC appendix C, table D.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { projectedLogits } from "./plug_and_play.ts";
 * await startEngine();
 * const statistics = { a: { cls: { mean: tf.tensor1d([2]), std: tf.tensor1d([4]) } } };
 * const logits = projectedLogits({ a: { cls: tf.tensor2d([[2]]) } }, {
 *   teacher: "a",
 *   statistics,
 *   classifier: { logits: (features) => tf.mul<tf.Tensor2D>(features, [[1, -1]]) },
 * });
 * if (Math.abs((await logits.data())[1]! + 10) > 1e-4) throw new Error("Minus 2 x 4 + 2");
 * ```
 */
export function projectedLogits(
  predictions: Predictions,
  options: {
    readonly teacher: string;
    readonly statistics: Statistics;
    readonly classifier: Pick<TeacherClassifier, "logits">;
  },
): tf.Tensor2D {
  const { teacher, statistics, classifier } = options;
  const cls = predictions[teacher]?.cls;
  if (cls === undefined) {
    throw new Error(`Cannot classify as "${teacher}": the student predicts no CLS of it`);
  }
  const features = destandardize({ [teacher]: { cls } }, statistics)[teacher]!;
  return classifier.logits(features.cls);
}

/**
 * Compares the top-1 classes of student and teacher with one another and, where the classes of the images
 * are known to the classifier, with the labels.
 *
 * @param predictions `[images]` each, positions among the classifier's outputs.
 * @param truth `[images]`, the right ones. Default: unknown.
 *
 * @example
 * ```ts
 * import { measureAgreement } from "./plug_and_play.ts";
 * const { agreement, accuracy } = measureAgreement({ student: [1, 2], teacher: [1, 3] }, [1, 2]);
 * if (agreement !== 50 || accuracy?.student !== 100) throw new Error("The student is right twice");
 * ```
 */
export function measureAgreement(
  predictions: { readonly student: ArrayLike<number>; readonly teacher: ArrayLike<number> },
  truth?: ArrayLike<number>,
): Pick<PlugAndPlayRow, "images" | "agreement" | "accuracy"> {
  const images = predictions.student.length;
  const percent = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let same = 0;
    for (let i = 0; i < images; i++) same += Number(a[i] === b[i]);
    return 100 * same / images;
  };
  const { student, teacher } = predictions;
  return {
    images,
    agreement: percent(student, teacher),
    accuracy: truth && { student: percent(student, truth), teacher: percent(teacher, truth) },
  };
}

/**
 * Puts the student of a run in the place of every teacher of the zoo that came with a classifier. Teachers
 * see images at the size that the run gave them.
 *
 * @param folder of a run with a checkpoint, finished or not.
 * @param images at the run's canvas; their classes are matched by {@linkcode matchClasses}.
 * @returns a row for each such teacher, in the order of the recipe.
 * @throws {UserError} where there is no run or no checkpoint, or a teacher cannot be opened.
 *
 * @example
 * ```ts ignore
 * const task = await openClassificationTask("tiny-imagenet-200", { canvas: 64 });
 * const [row] = await plugAndPlay("runs/tiny_imagenet", task.test);
 * console.log(`${row.teacher}: the same class for ${row.agreement.toFixed(1)} %`);
 * ```
 */
export async function plugAndPlay(
  folder: string,
  images: ImagePack,
  options: {
    readonly batchSize?: number | undefined;
    readonly onProgress?: ((teacher: string, done: number, total: number) => void) | undefined;
  } = {},
): Promise<PlugAndPlayRow[]> {
  const { recipe, teachers, trained, dispose } = await openTrainedRun(folder);
  const tokens = keptTokensOf(recipe), classifiers: TeacherClassifier[] = [];
  try {
    const rows: PlugAndPlayRow[] = [];
    for (const { name, checkpoint } of recipe.teachers) {
      const teacher = teachers.find((teacher) => teacher.name === name);
      const classifier = checkpoint === undefined ? await loadClassifier(name) : undefined;
      if (teacher === undefined || classifier === undefined) continue;
      classifiers.push(classifier);
      // Without CLS nothing was learnt of what the classifier takes.
      if (!keepTokens(teacher, tokens).tokens.includes("cls")) continue;
      const predictions = await top1Predictions({ trained, teacher, classifier }, images, options);
      const places = matchClasses(images.classes, classifier.classes);
      const truth = Array.from(images.labels, (label) => places[label] ?? NaN);
      const known = places.every((place) => place !== undefined);
      const agreement = measureAgreement(predictions, known ? truth : undefined);
      rows.push({ teacher: name, classes: classifier.classes.length, ...agreement });
    }
    return rows;
  } finally {
    classifiers.forEach((classifier) => classifier.dispose());
    dispose();
  }
}

/** The most likely classes by student and teacher, `[images]` each. */
async function top1Predictions(
  { trained, teacher, classifier }: {
    readonly trained: TrainedStudent;
    readonly teacher: Backbone;
    readonly classifier: TeacherClassifier;
  },
  images: ImagePack,
  { batchSize = 64, onProgress }: NonNullable<Parameters<typeof plugAndPlay>[2]>,
) {
  const { parameters, statistics, config, input } = trained;
  const compiled = compileLazily((pixels: tf.Tensor4D) => {
    const seen = tf.div<tf.Tensor4D>(pixels, 255);
    const predictions = student(parameters, preprocess(seen, input), config, { statistics });
    const plugged = projectedLogits(predictions, { teacher: teacher.name, statistics, classifier });
    const { cls } = teacher.features(seen);
    const direct = cls === undefined ? plugged : classifier.logits(cls);
    const top1 = (logits: tf.Tensor2D) =>
      tf.cast(tf.argMax(logits, 1), "float32").expandDims<tf.Tensor2D>(1);
    return { student: top1(plugged), teacher: top1(direct) };
  }, { mode: "graph", name: `classifier of ${teacher.name}` });
  try {
    const classes = await mapImages(images, compiled, {
      batchSize,
      onProgress: (done, total) => onProgress?.(teacher.name, done, total),
    });
    return {
      student: classes.student?.features ?? [],
      teacher: classes.teacher?.features ?? [],
    };
  } finally {
    compiled.dispose();
  }
}
