/** What sets of teachers are worth: by a probe of their joined features, or by how well they predict all. */
import { joinUnitRows } from "../../metrics/feature_matrix.ts";
import type { LabelledFeatures } from "../../metrics/labelled_features.ts";
import type { TaskScores } from "../../metrics/comparison/subset_choice.ts";
import { crossValidate } from "../../metrics/probes/cross_validation.ts";
import {
  type Predictability,
  predictability,
  type Prediction,
} from "../../metrics/representation/predictability.ts";
import {
  numberStatistics,
  standardizeRows,
} from "../../metrics/representation/standardize_rows.ts";
import { randomStream } from "../../tensors/random.ts";
import type { LabelledMaterial, SelectionMaterial } from "./material.ts";

/** How labelled images are classified: by votes of neighbours, by ridge regression, or the mean of both. */
export type SelectionProbe = "knn" | "linear" | "both";

/** Names of the probes. */
export const selectionProbes: readonly SelectionProbe[] = ["knn", "linear", "both"];

/** What a set of places is worth, task by task. */
export type SubsetScorer = (members: readonly number[]) => Promise<readonly TaskScores[]>;

/**
 * Features of a set of candidates side by side, each standardised, as the targets of a student are, and then at
 * unit length. Otherwise what all images have in common would hide what tells them apart.
 */
export function joinedFeatures(
  { features, labels }: LabelledMaterial,
  members: readonly number[],
): LabelledFeatures {
  const parts = members.map((member) => {
    const rows = features[member]!;
    return standardizeRows(rows, numberStatistics(rows));
  });
  return { ...joinUnitRows(parts), labels };
}

/**
 * Scores of every image by cross-validation on the tasks; each set is measured once, by every probe.
 *
 * @param seed draws the folds, the same ones for all sets.
 */
export function probeScorers(
  { tasks }: Pick<SelectionMaterial, "tasks">,
  seed: number,
  onSet: () => void = () => {},
): Readonly<Record<SelectionProbe, SubsetScorer>> {
  const measured = new Map<string, ReturnType<typeof measure>>();
  const measure = async (members: readonly number[]) => {
    const scores: { readonly knn: Float64Array; readonly linear: Float64Array }[] = [];
    for (const task of tasks) {
      const random = randomStream(seed).at("selection", task.name);
      scores.push((await crossValidate(joinedFeatures(task, members), random)).scores);
    }
    onSet();
    return scores;
  };
  const scorer = (choose: (scores: Scores) => Float64Array): SubsetScorer => async (members) => {
    const key = members.join(), known = measured.get(key) ?? measure(members);
    measured.set(key, known);
    const scores = await known;
    return tasks.map(({ name: task, weight }, i) => ({
      ...{ task, weight },
      scores: choose(scores[i]!),
    }));
  };
  return {
    knn: scorer(({ knn }) => knn),
    linear: scorer(({ linear }) => linear),
    both: scorer(({ knn, linear }) => knn.map((score, i) => (score + linear[i]!) / 2)),
  };
}

type Scores = { readonly knn: Float64Array; readonly linear: Float64Array };

/** How well sets of candidates predict all candidates on the images without labels; each set is asked once. */
export async function openPredictability(
  { images }: Pick<SelectionMaterial, "images">,
  seed: number,
): Promise<Predictability> {
  const asked = new Map<string, Promise<Prediction>>();
  const random = randomStream(seed).at("predictability");
  const { from, ...sizes } = await predictability(images.features, random);
  return {
    ...sizes,
    from: (members) => {
      const sorted = members.toSorted((a, b) => a - b), key = sorted.join();
      const known = asked.get(key) ?? from(sorted);
      asked.set(key, known);
      return known;
    },
  };
}

/** Scores of every held-out image: its share of the representativeness of a set. */
export function predictionScorer(
  { from }: Pick<Predictability, "from">,
  task: string,
  onSet: () => void = () => {},
): SubsetScorer {
  return async (members) => {
    const { scores } = await from(members);
    onSet();
    return [{ task, weight: 1, scores }];
  };
}
