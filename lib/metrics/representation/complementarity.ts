/** Errors of several models: whose overlap, and what each model adds to another. */
import { UserError } from "../../errors/user_error.ts";

/** Outcome of {@linkcode complementarity}; matrices are `[models][models]` in the order of the models. */
export interface Complementarity {
  /** Accuracy of each model, in percent. */
  readonly accuracy: readonly number[];
  /** Share of all test images, in percent, for which at least one model is right. */
  readonly union: number;
  /** `[a][b]`: the same of two models. */
  readonly pairUnion: readonly (readonly number[])[];
  /**
   * `[a][b]`: images that both get wrong in percent of those that at least one does; 100 for the same
   * errors, 0 for none in common, NaN where neither errs.
   */
  readonly errorOverlap: readonly (readonly number[])[];
  /** `[a][b]`: points that b adds to a, where an oracle picks the right one: the pair's union less a. */
  readonly gain: readonly (readonly number[])[];
  /** Points of the union of all that are lost without each model: what it alone gets right. */
  readonly alone: readonly number[];
}

/**
 * Compares the errors of models on the same test images.
 *
 * @param predictions of each model, `[images]`, class numbers.
 * @param labels `[images]`.
 * @throws {UserError} where there is no model or no image, or a model has predictions of another number
 * of images.
 *
 * @example
 * ```ts
 * import { complementarity } from "@hashigo/hashigo/metrics";
 * const { gain, union } = complementarity([[0, 1, 1, 1], [0, 0, 0, 1]], [0, 0, 1, 1]);
 * if (gain[0]![1] !== 25 || union !== 100) throw new Error("The second adds one image of four");
 * ```
 */
export function complementarity(
  predictions: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): Complementarity {
  const images = labels.length;
  const odd = predictions.find(({ length }) => length !== images);
  if (predictions.length === 0 || images === 0 || odd !== undefined) {
    throw new UserError(
      `Cannot compare errors: found ${predictions.length} models and ${images} labels` +
        `${
          odd === undefined ? "" : `, and ${odd.length} predictions of a model`
        }, expected at least ` +
        "one of both and a prediction for every label. Measure all models on the same images.",
    );
  }
  const right = predictions.map((classes) =>
    Array.from(classes, (label, i) => label === labels[i])
  );
  const percent = (test: (image: number) => boolean) => {
    let count = 0;
    for (let image = 0; image < images; image++) count += Number(test(image));
    return 100 * count / images;
  };
  const matrix = (cell: (a: readonly boolean[], b: readonly boolean[]) => number) =>
    right.map((a) => right.map((b) => cell(a, b)));
  const union = (models: readonly (readonly boolean[])[]) =>
    percent((image) => models.some((model) => model[image]));
  return {
    accuracy: right.map((model) => union([model])),
    union: union(right),
    pairUnion: matrix((a, b) => union([a, b])),
    errorOverlap: matrix((a, b) =>
      100 * percent((i) => !a[i] && !b[i]) / percent((i) => !a[i] || !b[i])
    ),
    gain: matrix((a, b) => percent((i) => !a[i] && b[i] === true)),
    alone: right.map((model) =>
      percent((i) => model[i] === true && right.every((other) => other === model || !other[i]))
    ),
  };
}
