/** Simple rules by which teachers could be chosen instead, and what each says of a set. */
import { ckaMatrix } from "../../metrics/representation/cka_matrix.ts";
import { logMe } from "../../metrics/probes/log_me.ts";
import type { SelectionMaterial } from "./material.ts";
import { joinedFeatures } from "./subset_scores.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** `[candidates][candidates]`, 1 less debiased CKA on the images without labels. */
export async function differences({ images }: SelectionMaterial): Promise<number[][]> {
  const alike = await ckaMatrix(images.features);
  return alike.map((row) => row.map((value) => Number.isNaN(value) ? 0 : 1 - value));
}

/** Mean difference of the pairs of a set; 0 of one candidate. */
export function diversity(
  different: readonly (readonly number[])[],
  members: readonly number[],
): number {
  const pairs = members.flatMap((a, i) => members.slice(i + 1).map((b) => different[a]![b]!));
  return pairs.length === 0 ? 0 : meanOf(pairs);
}

/** The weighted mean over the tasks of the evidence of labels given a set's joined features; NaN without labels. */
export async function evidenceOf(
  { tasks }: SelectionMaterial,
  members: readonly number[],
): Promise<number> {
  let [sum, weights] = [0, 0];
  for (const task of tasks) {
    sum += task.weight * await logMe(joinedFeatures(task, members));
    weights += task.weight;
  }
  return sum / weights;
}

/**
 * `count` candidates that differ most: the two of the largest difference, then whatever raises the mean over
 * pairs most.
 */
export function mostDiverse(
  different: readonly (readonly number[])[],
  count: number,
): readonly number[] {
  const places = different.map((_, place) => place);
  const pairs = places.flatMap((a) => places.filter((b) => b > a).map((b) => [a, b]));
  let members = best(pairs, (pair) => diversity(different, pair)) ?? places;
  while (members.length < count) {
    const rest = places.filter((place) => !members.includes(place));
    members = best(rest.map((place) => [...members, place]), (set) => diversity(different, set))!;
  }
  return members.slice(0, count);
}

/** The `count` places of the largest values, the largest first. */
export function largest(values: readonly number[], count: number): number[] {
  return [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, count);
}

function best<T>(list: readonly T[], value: (one: T) => number): T | undefined {
  return list.reduce<T | undefined>(
    (first, one) => first === undefined || value(one) > value(first) ? one : first,
    undefined,
  );
}
