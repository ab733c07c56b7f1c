/** Speeds that are measured in a moment, before the first step. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { Features, Teacher } from "../../teachers/backbone.ts";
import { targetCompilation } from "../arithmetic.ts";

/** Pixels of the batch that a teacher is timed on. */
const pixels = 65_536;

/** Milliseconds of repetitions, after which no more are begun. */
const patience = 300;

/** Seconds that a teacher takes for one view: the best of a few small batches, once it is compiled. */
export async function teacherSeconds(
  teacher: Teacher,
  recipe: Recipe,
  now: () => number,
): Promise<number> {
  const { images: { size }, optimization: { batchSize } } = recipe;
  const count = Math.max(1, Math.min(batchSize, Math.floor(pixels / teacher.input.size ** 2)));
  const compute = compileLazily((images: tf.Tensor4D): Features => teacher.features(images), {
    ...targetCompilation(recipe, [teacher]),
    name: `forecast of ${teacher.name}`,
  });
  const images = tf.fill<tf.Rank.R4>([count, size, size, 3], 0.5);
  try {
    const run = async () => {
      const begun = now();
      const features = await compute(images as tf.Tensor4D);
      // The work may go on after the call: only its numbers say that it is done.
      await Promise.all(Object.values(features).map((tokens) => tokens.data()));
      tf.dispose(features);
      return (now() - begun) / 1000 / count;
    };
    await run();
    const begun = now();
    let fastest = Infinity;
    for (let i = 0; i < 3 && (i === 0 || now() - begun < patience); i++) {
      fastest = Math.min(fastest, await run());
    }
    return fastest;
  } finally {
    images.dispose();
    compute.dispose();
  }
}

/** Operations a second of a matrix product of the student's size, the best of three. */
export async function matrixSpeed(
  { rows, width }: { readonly rows: number; readonly width: number },
  now: () => number,
): Promise<number> {
  const columns = 4 * width;
  const [left, right] = [tf.fill([rows, width], 0.5), tf.fill([width, columns], 0.5)];
  try {
    let fastest = Infinity;
    for (let i = 0; i < 3; i++) {
      const begun = now();
      const product = tf.matMul(left, right);
      await product.data();
      product.dispose();
      fastest = Math.min(fastest, now() - begun);
    }
    return 2 * rows * width * columns / (Math.max(fastest, 1e-3) / 1000);
  } finally {
    tf.dispose([left, right]);
  }
}
