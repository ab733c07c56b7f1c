/** Makes the table of past runs out of the results of experiments and the records of runs. */
import type { ExperimentRow } from "../../experiments/experiment.ts";
import { trainingDigest } from "../../experiments/results.ts";
import {
  currentResults,
  type ExperimentOutcome,
  incrementsOf,
  valuesOf,
} from "../../experiments/outcome.ts";
import type { Recipe } from "../../recipe/options.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { ComponentName, PastComponent, PastRun, PastRuns } from "./past_runs.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** A run that was recorded by itself: `NAME.csv` and `NAME.md` in the folder of results. */
export interface RecordedRun {
  readonly recipe: Recipe;
  /** Points by model, the mean over the tasks of k-NN and, where it was measured, logistic regression. */
  readonly means: ReadonlyMap<string, number>;
  /** Minutes of training. */
  readonly minutes: number;
  /** Images that it saw, each as often as it did. */
  readonly seen: number;
}

/** Two rows of an experiment that differ by one part of the method. */
export interface ComponentPair {
  readonly component: ComponentName;
  readonly outcome: ExperimentOutcome;
  /** Name of the row without it. */
  readonly without: string;
  /** Name of the row with it. */
  readonly with: string;
}

/** What the table is made of. */
export interface PastSources {
  /**
   * Experiments whose students count, each with the one whose frozen rows are its teachers: itself, or another of
   * the same tasks.
   */
  readonly students: readonly {
    readonly outcome: ExperimentOutcome;
    readonly teachers: ExperimentOutcome;
  }[];
  readonly recorded: readonly RecordedRun[];
  readonly pairs: readonly ComponentPair[];
}

/**
 * The table of all runs that have results; pairs and rows without any are left out, and rows of several experiments
 * that train the same count once.
 */
export function gatherPastRuns({ students, recorded, pairs }: PastSources): PastRuns {
  const seen = new Set<string>();
  const isNew = (row: ExperimentRow) => {
    const digest = trainingDigest(row), known = seen.has(digest);
    seen.add(digest);
    return !known;
  };
  return {
    version: 1,
    runs: [
      ...recorded.flatMap(({ recipe, means, minutes, seen }) => {
        const student = means.get("student");
        return student === undefined ? [] : pastRunOf(recipe, {
          source: recipe.name,
          minutes: [minutes],
          seen,
          students: [student],
          teachers: new Map([...means].map(([name, mean]) => [name, [mean]])),
        }) ?? [];
      }),
      ...students.flatMap(({ outcome, teachers }) =>
        outcome.experiment.rows.flatMap((row) => {
          const run = pastRunOfRow(row, outcome, teachers);
          return run !== undefined && isNew(row) ? [run] : [];
        })
      ),
    ],
    components: componentsOf(pairs),
  };
}

/** Metrics whose mean over the tasks tells how good whole-image features are. */
const measured = /^(knn|logistic) \S+$/;

function measuresOf(outcome: ExperimentOutcome, row: string): string[] {
  const own = currentResults(outcome).filter((result) => result.row === row);
  return [...new Set(own.map(({ measure }) => measure).filter((name) => measured.test(name)))]
    .sort();
}

function recipeOf(row: ExperimentRow): Recipe | undefined {
  return "recipe" in row ? defineRecipe({ ...row.recipe, name: "past", seed: 0 }) : undefined;
}

function pastRunOfRow(
  row: ExperimentRow,
  outcome: ExperimentOutcome,
  teachers: ExperimentOutcome,
): PastRun | undefined {
  const recipe = recipeOf(row);
  if (recipe === undefined) return undefined;
  const { steps, batchSize } = recipe.optimization;
  const measures = measuresOf(outcome, row.name);
  const values = valuesOf(outcome, row.name, measures);
  if (measures.length === 0 || values.size === 0) return undefined;
  const seconds = valuesOf(outcome, row.name, ["seconds"]);
  // By the clock a run may have waited for other programs.
  const planned = valuesOf(outcome, row.name, ["planned seconds"]);
  const seeds = [...values.keys()];
  const frozen = teachers.experiment.rows.flatMap((other) => {
    // Teachers side by side are none of them.
    if (!("model" in other) || other.model.includes("+")) return [];
    const ofTeacher = valuesOf(teachers, other.name, measures);
    const list = seeds.flatMap((seed) => ofTeacher.get(seed) ?? []);
    return list.length < seeds.length ? [] : [[other.model.split("@")[0]!, list] as const];
  });
  return pastRunOf(recipe, {
    source: `${outcome.experiment.name} ${row.name}`,
    minutes: seeds.map((seed) => (planned.get(seed) ?? seconds.get(seed) ?? NaN) / 60),
    seen: steps === undefined ? null : steps * batchSize,
    students: seeds.map((seed) => values.get(seed)!),
    teachers: new Map(frozen),
  });
}

/** A run beside its teachers; undefined where it has one only, or was measured beside none that counts. */
function pastRunOf(
  recipe: Recipe,
  { source, minutes, seen, students, teachers }: {
    readonly source: string;
    readonly minutes: readonly number[];
    readonly seen: number | null;
    /** By seed. */
    readonly students: readonly number[];
    /** By name, and by seed. */
    readonly teachers: ReadonlyMap<string, readonly number[]>;
  },
): PastRun | undefined {
  const names = recipe.teachers.map(({ name }) => name);
  const besideAll = names.every((name) => teachers.has(name));
  const from = names.find((name) => name === recipe.student.from);
  const beside = besideAll ? names : from !== undefined && teachers.has(from) ? [from] : [];
  if (names.length < 2 || beside.length === 0) return undefined;
  const meanOfTeacher = (name: string) => meanOf(teachers.get(name)!);
  const against = beside.reduce((best, name) =>
    meanOfTeacher(name) > meanOfTeacher(best) ? name : best
  );
  const best = teachers.get(against)!;
  const average = students.map((_, seed) =>
    meanOf(beside.map((name) => teachers.get(name)![seed]!))
  );
  const leads = students.map((student, seed) => student - best[seed]!);
  return {
    ...{ source, besideAll, against, teachers: names.length, seen },
    minutes: rounded(meanOf(minutes)),
    images: isGenerated(recipe) ? "generated" : "real",
    imageCount: imageCountOf(recipe),
    teacherKind: teacherKindOf(names),
    start: recipe.student.from === undefined ? "scratch" : "network",
    leads: leads.map(rounded),
    places: besideAll
      ? leads.map((lead, seed) => rounded(1 + lead / (best[seed]! - average[seed]!)))
      : [],
  };
}

/** Whether each teacher knows one kind of image: the specialists that come with the package. */
export function teacherKindOf(names: readonly string[]): PastRun["teacherKind"] {
  return names.every((name) => /^(specialist|world)_/.test(name)) ? "specialists" : "pretrained";
}

function isGenerated({ images: { sources } }: Recipe): boolean {
  return sources.every((source) => "world" in source);
}

function imageCountOf({ images: { sources, subset } }: Recipe): number | null {
  if (subset !== undefined) return subset.images;
  const counts = sources.map((source) =>
    "world" in source ? source.world.images : "limit" in source ? source.limit : undefined
  );
  return counts.reduce<number | null>(
    (sum, count) => sum === null || count === undefined ? null : sum + count,
    0,
  );
}

/** Increments of pairs with results, those of one part, kind of images and start together. */
function componentsOf(pairs: readonly ComponentPair[]): PastComponent[] {
  const components = new Map<string, PastComponent>();
  for (const { component, outcome, ...pair } of pairs) {
    const { experiment } = outcome;
    const recipe = recipeOf(experiment.rows.find(({ name }) => name === pair.with)!)!;
    const measures = measuresOf(outcome, pair.with);
    const of = (row: string) => valuesOf(outcome, row, measures);
    const increments = incrementsOf(of(pair.without), of(pair.with)).map(rounded);
    if (measures.length === 0 || increments.length === 0) continue;
    const group = {
      component,
      images: isGenerated(recipe) ? "generated" : "real",
      start: recipe.student.from === undefined ? "scratch" : "network",
    } as const;
    const key = Object.values(group).join(), known = components.get(key);
    components.set(key, {
      ...group,
      increments: [...known?.increments ?? [], ...increments],
      sources: [
        ...known?.sources ?? [],
        `${experiment.name}: ${pair.with} beside ${pair.without}`,
      ],
    });
  }
  return [...components.values()];
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
