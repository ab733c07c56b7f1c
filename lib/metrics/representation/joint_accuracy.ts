/** Accuracy of the features of several models side by side. */
import { knn } from "../probes/knn.ts";
import type { LabelledFeatures } from "../labelled_features.ts";
import { joinUnitRows } from "../feature_matrix.ts";

/** A model's features of a task. */
export interface TaskFeatures {
  /** Of the images that vote. */
  readonly train: LabelledFeatures;
  /** Of the images that are classified. */
  readonly test: LabelledFeatures;
}

/** Outcome of {@linkcode jointAccuracy}, in the order of the models. */
export interface JointAccuracy {
  /** `[a][b]`: k-NN accuracy of both models' features side by side, in percent; a's alone on the diagonal. */
  readonly pair: readonly (readonly number[])[];
  /** `[a][b]`: points that b's features add to a's; below 0 where they take away. */
  readonly gain: readonly (readonly number[])[];
  /** Accuracy of all models' features side by side. */
  readonly all: number;
  /** Accuracy of all but each model: `all` less it is what the model adds to the others. */
  readonly without: readonly (number | null)[];
}

/**
 * Measures the k-NN accuracy of features side by side, each model's at unit length, so that the similarity
 * of two images is the mean over the models.
 *
 * @param models of the same train and test images in the same order; widths may differ.
 * @param options k: as in {@linkcode knn}.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { jointAccuracy } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const labels = Int32Array.of(0, 1);
 * const of = (...numbers: number[]) => ({ features: Float32Array.from(numbers), labels, width: 2 });
 * const [good, blind] = [of(1, 0, 0, 1), of(1, 0, 1, 0)];
 * const models = [{ train: good, test: good }, { train: blind, test: blind }];
 * const { gain } = await jointAccuracy(models, { k: 1 });
 * if (gain[1]?.[0] !== 50 || gain[0]?.[1] !== 0) throw new Error("The good one adds the other class");
 * ```
 */
export async function jointAccuracy(
  models: readonly TaskFeatures[],
  options: { readonly k?: number | undefined } = {},
): Promise<JointAccuracy> {
  const measured = new Map<string, number>();
  const accuracyOf = async (places: readonly number[]) => {
    const key = places.join();
    const known = measured.get(key);
    if (known !== undefined) return known;
    const chosen = places.map((place) => models[place]!);
    const [train, test] = (["train", "test"] as const).map((part) =>
      sideBySide(chosen.map((model) => model[part]))
    );
    const { top1 } = await knn(train!, test!, options);
    measured.set(key, top1);
    return top1;
  };
  const places = models.map((_, place) => place);
  const pair: number[][] = [];
  for (const a of places) {
    const row: number[] = [];
    for (const b of places) {
      row.push(await accuracyOf(a === b ? [a] : [Math.min(a, b), Math.max(a, b)]));
    }
    pair.push(row);
  }
  const all = await accuracyOf(places);
  const without: (number | null)[] = [];
  for (const left of places) {
    const rest = places.filter((place) => place !== left);
    without.push(rest.length === 0 ? null : await accuracyOf(rest));
  }
  const gain = pair.map((row, a) => row.map((value) => value - row[a]!));
  return { pair, gain, all, without };
}

/** Features of several models as those of one, each model's rows at unit length. */
function sideBySide(models: readonly LabelledFeatures[]): LabelledFeatures {
  return { ...joinUnitRows(models), labels: models[0]?.labels ?? new Int32Array() };
}
