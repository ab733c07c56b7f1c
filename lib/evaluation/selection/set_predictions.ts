/** What each way to judge teachers says of sets of them, before any is distilled. */
import { percentOfTasks } from "../../metrics/comparison/subset_choice.ts";
import { differences, diversity, evidenceOf } from "./baselines.ts";
import type { SelectionMaterial } from "./material.ts";
import { openPredictability, probeScorers } from "./subset_scores.ts";

/** A number for each of several sets: higher promises a better student. */
export interface SetPrediction {
  /** What it is, in words. */
  readonly name: string;
  /** Whether it is one of the simple rules. */
  readonly isBaseline: boolean;
  /** `[sets]` */
  readonly values: readonly number[];
}

/**
 * Judges sets of candidates: by a probe of their joined features, by how well they predict all candidates, and by
 * simple rules. The material must have labelled tasks.
 *
 * @param sets places of the candidates of each set.
 * @param onSet called with the number of sets that are judged.
 */
export async function predictSets(
  material: SelectionMaterial,
  sets: readonly (readonly number[])[],
  { seed = 0, onSet }: {
    readonly seed?: number | undefined;
    readonly onSet?: ((done: number) => void) | undefined;
  } = {},
): Promise<SetPrediction[]> {
  const { candidates } = material, probes = probeScorers(material, seed);
  const { from } = await openPredictability(material, seed);
  const different = await differences(material);
  const sizes = candidates.map(({ parameters }) => parameters / 1e6);
  const alone: number[] = [];
  for (const place of candidates.keys()) alone.push(percentOfTasks(await probes.both([place])));
  const names = {
    both: "probe of joined features",
    knn: "the same, neighbours only",
    linear: "the same, ridge regression only",
    represents: "predicts all teachers, without labels",
    largest: "size of the largest",
    sizes: "sizes together",
    count: "number of teachers",
    best: "the best single one in it",
    diverse: "least alike by CKA",
    evidence: "LogME of joined features",
    // It says nothing of any set.
    random: "at random",
  } as const;
  type Name = keyof typeof names;
  const ours: readonly Name[] = ["both", "knn", "linear", "represents"];
  const judged: Record<Name, number>[] = [];
  for (const members of sets) {
    const own = (values: readonly number[]) => members.map((member) => values[member]!);
    judged.push({
      both: percentOfTasks(await probes.both(members)),
      knn: percentOfTasks(await probes.knn(members)),
      linear: percentOfTasks(await probes.linear(members)),
      represents: 100 * (await from(members)).representativeness,
      largest: Math.max(...own(sizes)),
      sizes: own(sizes).reduce((sum, size) => sum + size, 0),
      count: members.length,
      best: Math.max(...own(alone)),
      diverse: diversity(different, members),
      evidence: await evidenceOf(material, members),
      random: 0,
    });
    onSet?.(judged.length);
  }
  return (Object.keys(names) as Name[]).map((name) => ({
    name: names[name],
    isBaseline: !ours.includes(name),
    values: judged.map((values) => values[name]),
  }));
}
