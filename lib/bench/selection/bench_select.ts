/** Whether a choice of teachers foretells which students become good: rank correlations over all sets. */
import type { SelectionProof } from "../../../recipes/selection.ts";
import { teacherModel } from "../../evaluation/evaluate_run.ts";
import { selectionMaterial } from "../../evaluation/selection/material.ts";
import { predictSets, type SetPrediction } from "../../evaluation/selection/set_predictions.ts";
import { valuesOf } from "../../experiments/outcome.ts";
import { readExperimentResults } from "../../experiments/results.ts";
import { assertExperimentData } from "../../experiments/run_cell.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Work } from "../../io/progress_line.ts";
import { type Spread, spreadOf } from "../../metrics/comparison/increment.ts";
import {
  type RankCorrelation,
  rankCorrelationInterval,
} from "../../metrics/comparison/rank_correlation.ts";
import { randomStream } from "../../tensors/random.ts";

/** A set of teachers whose students were distilled. */
export interface DistilledSet extends Spread {
  /** Name of its row. */
  readonly row: string;
}

/** One way to judge sets, against what came out. */
export interface JudgedPrediction extends Omit<SetPrediction, "values">, RankCorrelation {
  /** `[sets]`, what it said of each. */
  readonly values: readonly number[];
  /** How much better than this one the first ways order the sets, by name: only of baselines. */
  readonly leads: Readonly<Record<string, RankCorrelation>>;
  /** The students' mean of the set of which it says most; of several equal ones the mean of theirs. */
  readonly itsBest: number;
}

/** One experiment. */
export interface ProofResult {
  readonly experiment: string;
  /** Sets with results, in the order of the rows. */
  readonly sets: readonly DistilledSet[];
  /** Rows of sets that were not distilled yet, with the seeds that are missing. */
  readonly missing: readonly string[];
  /** Empty where fewer than {@linkcode fewestSets} sets have results, or its images are not there. */
  readonly predictions: readonly JudgedPrediction[];
  /** Why there are no predictions. Default: there are. */
  readonly why?: string | undefined;
}

/** Fewer sets tell no order. */
export const fewestSets = 5;

/** The two ways that are held against the baselines: with labels, and without. */
const ours = ["probe of joined features", "predicts all teachers, without labels"] as const;

/**
 * Judges all sets of the teachers of each experiment, and correlates the ranks with those of the students' means
 * over seeds. The engine must have been started.
 *
 * @param results folder of the files of results.
 */
export async function benchSelect(
  proofs: readonly SelectionProof[],
  { results, limit, onProgress, onWork }: {
    readonly results: string;
    /** Most train images of each task. Default: as in a choice. */
    readonly limit?: number | undefined;
    readonly onProgress?: ((line: string) => void) | undefined;
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<ProofResult[]> {
  const judged: ProofResult[] = [];
  for (const proof of proofs) {
    const { name } = proof.experiment;
    const sets = setsOf(proof.teachers.length);
    const distilled = await studentsOf(proof, sets, `${results}/experiments/${name}.csv`);
    const done = distilled.flatMap(({ set, members }) =>
      set === undefined ? [] : [{ set, members }]
    );
    const missing = distilled.flatMap(({ missing }) => missing ?? []);
    for (const line of missing) onProgress?.(`${name}: not distilled: ${line}`);
    const shared = { experiment: name, sets: done.map(({ set }) => set), missing };
    const why = done.length < fewestSets
      ? `${done.length} of ${sets.length} sets have students, expected ${fewestSets}: deno task experiments ${name}`
      : await absentData(proof);
    if (why !== undefined) {
      onProgress?.(`${name}: ${why}`);
      judged.push({ ...shared, predictions: [], why });
      continue;
    }
    const models = proof.teachers.map(({ teacher }) => teacherModel({ ...teacher }));
    const { tasks, canvas } = proof;
    const material = await selectionMaterial(models, { tasks, canvas, limit, onWork });
    const predictions = await predictSets(material, done.map(({ members }) => members), {
      onSet: (count) => onWork?.({ stage: name, done: count, total: done.length, unit: "sets" }),
    });
    const outcome = done.map(({ set: { mean } }) => mean);
    judged.push({ ...shared, predictions: judge(predictions, outcome, name) });
  }
  return judged;
}

/** All sets of so many places but the empty one, small ones first. */
export function setsOf(count: number): number[][] {
  const places = Array.from({ length: count }, (_, place) => place);
  return Array.from(
    { length: 2 ** count - 1 },
    (_, i) => places.filter((place) => (i + 1) >> place & 1),
  ).sort((a, b) => a.length - b.length);
}

async function absentData({ experiment }: SelectionProof): Promise<string | undefined> {
  try {
    await assertExperimentData(experiment);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Each set with the mean of its students over seeds, or what is missing. */
async function studentsOf(
  { experiment, teachers, column }: SelectionProof,
  sets: readonly (readonly number[])[],
  path: string,
) {
  const outcome = { experiment, results: await readExperimentResults(path) };
  const { seeds, enoughSeeds = seeds.length } = experiment;
  const measures = experiment.columns.find(({ title }) => title === column)!.measures;
  return sets.map((members) => {
    const row = members.map((place) => teachers[place]!.row).join("_");
    const values = valuesOf(outcome, row, measures);
    const wanted = seeds.slice(0, enoughSeeds).filter((seed) => !values.has(seed));
    const set = values.size === 0 ? undefined : { row, ...spreadOf([...values.values()]) };
    const missing = wanted.length === 0
      ? undefined
      : `${row}, seed${wanted.length === 1 ? "" : "s"} ${wanted.join(", ")}`;
    return { members, set, missing };
  });
}

/** Correlations of all predictions, and the leads of ours over each baseline. */
export function judge(
  predictions: readonly SetPrediction[],
  outcome: readonly number[],
  experiment: string,
): JudgedPrediction[] {
  // The same sets are drawn for all predictions, so that leads are paired.
  const random = randomStream(0).at("sets", experiment);
  return predictions.map(({ name, isBaseline, values }) => {
    const { rho, low, high } = rankCorrelationInterval(values, outcome, random);
    const leads = isBaseline
      ? ours.flatMap((better) => {
        const own = predictions.find((prediction) => prediction.name === better);
        if (own === undefined) return [];
        const { lead } = rankCorrelationInterval(own.values, outcome, random, { beside: values });
        return [[better, lead!] as const];
      })
      : [];
    const most = Math.max(...values);
    const itsBest = spreadOf(outcome.filter((_, set) => values[set] === most)).mean;
    return { name, isBaseline, values, rho, low, high, leads: Object.fromEntries(leads), itsBest };
  });
}
