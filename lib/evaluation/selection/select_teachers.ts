/** Which of several teachers to distil, in which order, and what each adds and costs. */
import {
  chooseSubset,
  percentOfTasks,
  type SubsetChoice,
} from "../../metrics/comparison/subset_choice.ts";
import type { Predictability } from "../../metrics/representation/predictability.ts";
import { randomStream } from "../../tensors/random.ts";
import type { ModelSpec } from "../models/open_model.ts";
import { differences, evidenceOf, largest, mostDiverse } from "./baselines.ts";
import { type MaterialOptions, type SelectionMaterial, selectionMaterial } from "./material.ts";
import type { Selection } from "./selection.ts";
import {
  openPredictability,
  predictionScorer,
  probeScorers,
  type SelectionProbe,
} from "./subset_scores.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Options of {@linkcode selectTeachers}. */
export interface SelectTeachersOptions extends MaterialOptions {
  /** How labelled images are classified. Default: "both", the mean of neighbours' votes and ridge regression. */
  readonly probe?: SelectionProbe | undefined;
  /** Unit of costs: milliseconds an image, or millions of parameters. Default: "M". */
  readonly unit?: "ms" | "M" | undefined;
  /** Points that a unit of cost is worth. Default: 0. */
  readonly costWeight?: number | undefined;
  /** Most cost of the chosen teachers. Default: any. */
  readonly budget?: number | undefined;
}

/** Random sets whose mean stands for chance. */
const randomSets = 10;

/**
 * Chooses teachers. With labels a set is worth what a probe of its joined features gets right, by cross-validation
 * on the train parts of the tasks; without, how well its features predict those of all teachers. Teachers are
 * added as long as each clearly adds something. The engine must have been started.
 *
 * @throws {UserError} where there are fewer than two teachers, no images that all can see, a task has one
 * class only, or the budget is too small for each.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { selectTeachers } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const teachers = [{ source: "specialist_digits" }, { source: "resnet20_cifar10" }];
 * const options = { tasks: ["digits"], canvas: 32, limit: 60 };
 * const { steps, chosen } = await selectTeachers(teachers, options);
 * if (steps[0]?.added !== 0 || chosen.members[0] !== 0) throw new Error("Digits are its subject");
 * ```
 */
export async function selectTeachers(
  specs: readonly ModelSpec[],
  options: SelectTeachersOptions,
): Promise<Selection> {
  return await selectFrom(await selectionMaterial(specs, options), options);
}

/** Chooses from features that were extracted before. */
export async function selectFrom(
  material: SelectionMaterial,
  { canvas, probe = "both", unit = "M", costWeight = 0, budget, seed = 0, onWork }:
    SelectTeachersOptions,
): Promise<Selection> {
  const { candidates, tasks, images } = material;
  let sets = 0;
  const onSet = () => onWork?.({ stage: "sets of teachers", done: ++sets, unit: "sets" });
  const known = await openPredictability(material, seed);
  const score = tasks.length > 0
    ? probeScorers(material, seed, onSet)[probe]
    : predictionScorer(known, images.name, onSet);
  const costs = candidates.map(({ parameters, milliseconds }) =>
    unit === "ms" ? milliseconds : parameters / 1e6
  );
  const choice = await chooseSubset(costs, score, { costWeight, budget, seed });
  const accuracyOf = async (members: readonly number[]) =>
    percentOfTasks(await score(members.toSorted((a, b) => a - b)));
  const alone = await inTurn(candidates, (_, place) => accuracyOf([place]));
  const rules = await simpleRules(material, { alone, count: choice.chosen.members.length, seed });
  return {
    by: tasks.length > 0 ? "labels" : "images",
    probe: tasks.length > 0 ? probe : null,
    tasks: tasks.map(({ name, labels, weight }) => ({ name, images: labels.length, weight })),
    images: { name: images.name, learnt: known.learnt, heldOut: known.heldOut },
    ...{ canvas, seed, unit, costWeight, budget: budget ?? null },
    teachers: candidates.map((candidate, place) => ({ ...candidate, alone: alone[place]! })),
    ...await described(choice, known),
    ...await complementsOf(candidates.length, known),
    rules: await inTurn(rules, async ({ rule, sets }) => {
      const values = await inTurn(sets, accuracyOf);
      const cost = meanOf(sets.map((set) => set.reduce((sum, place) => sum + costs[place]!, 0)));
      return { rule, members: sets.length === 1 ? sets[0]! : null, accuracy: meanOf(values), cost };
    }),
  };
}

/** The choice, with what its steps represent and what share each loss is. */
async function described(
  { steps, chosen, stop, losses }: SubsetChoice,
  { from }: Predictability,
): Promise<Pick<Selection, "steps" | "chosen" | "stop" | "losses">> {
  return {
    steps: await inTurn(steps, async (step) => ({
      ...step,
      representativeness: 100 * (await from(step.members)).representativeness,
    })),
    ...{ chosen, stop },
    losses: losses.map((loss) => ({ ...loss, share: 100 * loss.difference / chosen.value })),
  };
}

/** What each says of each other one, and what nobody else says of it. */
async function complementsOf(
  count: number,
  { from }: Predictability,
): Promise<Pick<Selection, "complements" | "ownPart">> {
  const places = Array.from({ length: count }, (_, place) => place);
  const complement = async (members: readonly number[]) =>
    (await from(members)).r2.map((value) => 1 - value);
  return {
    complements: await inTurn(places, (place) => complement([place])),
    ownPart: await inTurn(places, async (place) => {
      const others = places.filter((other) => other !== place);
      return (await complement(others))[place]!;
    }),
  };
}

/** Sets that simple rules choose: one teacher, or as many as were chosen. */
async function simpleRules(
  material: SelectionMaterial,
  { alone, count, seed }: {
    readonly alone: readonly number[];
    readonly count: number;
    readonly seed: number;
  },
): Promise<{ readonly rule: string; readonly sets: readonly (readonly number[])[] }[]> {
  const { candidates, tasks } = material;
  const sizes = candidates.map(({ parameters }) => parameters);
  const random = randomStream(seed).at("random sets");
  const draws = Array.from(
    { length: randomSets },
    (_, i) => [...random.at(i).permutation(candidates.length).slice(0, count)],
  );
  const evidences = tasks.length === 0
    ? undefined
    : await inTurn(candidates, (_, place) => evidenceOf(material, [place]));
  return [
    { rule: "the largest one", sets: [largest(sizes, 1)] },
    { rule: "the best single one", sets: [largest(alone, 1)] },
    { rule: "the largest", sets: [largest(sizes, count)] },
    { rule: "the best single ones", sets: [largest(alone, count)] },
    ...evidences === undefined
      ? []
      : [{ rule: "the highest LogME", sets: [largest(evidences, count)] }],
    { rule: "the least alike by CKA", sets: [mostDiverse(await differences(material), count)] },
    { rule: "at random, in the mean", sets: draws },
  ];
}

/** One after the other, so that the engine does one thing at a time. */
async function inTurn<T, R>(
  list: readonly T[],
  of: (one: T, place: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const [place, one] of list.entries()) results.push(await of(one, place));
  return results;
}
