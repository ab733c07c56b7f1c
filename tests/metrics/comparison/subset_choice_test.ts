/** The greedy choice of a set, and where it stops. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { chooseSubset, type TaskScores } from "../../../lib/metrics/comparison/subset_choice.ts";

/** Classes of ten that each thing knows; a set knows what one of it does. */
const knows = [[0, 1, 2, 3], [4, 5, 6], [0, 1, 2], [7], []];

function scoresOf(members: readonly number[], images = 1000): TaskScores[] {
  const known = members.flatMap((member) => knows[member]!);
  const scores = Float64Array.from({ length: images }, (_, i) => Number(known.includes(i % 10)));
  return [{ task: "a", weight: 1, scores }];
}

const score = (members: readonly number[]) => Promise.resolve(scoresOf(members));

Deno.test("whatever adds most comes next, and only what clearly adds something is taken", async () => {
  const asked: string[] = [];
  const { steps, chosen, stop, losses } = await chooseSubset([5, 5, 5, 5, 5], (members) => {
    asked.push(members.join());
    return score(members);
  });
  assertEquals(steps.map(({ added }) => added), [0, 1, 3, 2, 4]);
  assertEquals(steps.map(({ accuracy }) => Math.round(accuracy)), [40, 70, 80, 80, 80]);
  assertEquals(steps.map(({ gain }) => gain && Math.round(gain.difference)), [null, 30, 10, 0, 0]);
  assertEquals([chosen.members, chosen.cost, stop], [[0, 1, 3], 15, "gain"]);
  assertEquals(losses.map(({ without, difference }) => [without, Math.round(difference)]), [
    [0, 40],
    [1, 30],
    [3, 10],
  ]);
  for (const { low, difference, high } of losses) assert(low < difference && difference < high);
  assertEquals(asked.length, new Set(asked).size);
  assert(asked.every((members) => members === members.split(",").toSorted().join()));
});

Deno.test("what costs more than it brings is not taken, and the budget is kept", async () => {
  const costs = [1, 1, 1, 20, 1];
  const dear = await chooseSubset(costs, score, { costWeight: 1 });
  assertEquals([dear.chosen.members, dear.stop], [[0, 1], "gain"]);
  assertAlmostEquals(dear.chosen.value, 70 - 2);
  // Ten points for nineteen more of the budget than what is there.
  const third = dear.steps.find(({ added }) => added === 3)!;
  assertAlmostEquals(third.gain!.difference, 10 - 20, 1e-9);
  const bound = await chooseSubset(costs, score, { budget: 2 });
  assertEquals([bound.steps.length, bound.chosen.members, bound.stop], [2, [0, 1], "budget"]);
  const one = await chooseSubset([3, 9], score, { budget: 3 });
  assertEquals([one.chosen.members, one.losses, one.stop], [[0], [], "budget"]);
  const all = await chooseSubset([1, 1], score);
  assertEquals([all.chosen.members, all.stop], [[0, 1], "all"]);
});

Deno.test("tasks count by their weights, and images that are not measured by nothing", async () => {
  const task = (name: string, weight: number, ...scores: number[]) => ({
    ...{ task: name, weight },
    scores: Float64Array.from(scores),
  });
  const { chosen } = await chooseSubset(
    [1],
    () => Promise.resolve([task("a", 3, 1, 1, NaN), task("b", 1, 0, 0, 0, 1)]),
  );
  assertAlmostEquals(chosen.accuracy, 100 * (3 * 1 + 0.25) / 4);
  const many = (value: number) => Array.from({ length: 100 }, () => value);
  const { steps } = await chooseSubset([1, 1], (members) => {
    const both = members.length === 2;
    return Promise.resolve([task("a", 3, ...many(both ? 0 : 1)), task("b", 1, ...many(+both))]);
  });
  assertAlmostEquals(steps[1]!.gain!.difference, 100 * (-3 + 1) / 4);
});

Deno.test("few images leave a gain unclear; nothing to choose, or nothing within the budget, is refused", async () => {
  const few = (members: readonly number[]) => Promise.resolve(scoresOf(members, 10));
  const { steps, chosen } = await chooseSubset([1, 1, 1, 1], few);
  assertEquals(chosen.members, [0, 1]);
  assert(steps[2]!.gain!.difference > 9 && steps[2]!.gain!.low === 0);
  await assertRejects(() => chooseSubset([], few), UserError, "nothing to choose");
  await assertRejects(() => chooseSubset([4, 7], few, { budget: 3 }), UserError, "costs from 4 on");
});
