/** The best of candidates, and of what is added to it. */
import { assertEquals, assertRejects } from "@std/assert";
import { chooseGreedily } from "../../../lib/metrics/comparison/greedy_choice.ts";

const scores: Readonly<Record<string, number>> = {
  a: 1,
  b: 3,
  c: 3,
  bx: 3,
  by: 4,
  byx: 3.5,
  cx: 9,
};

/** What is asked of a word: its extensions by letters that it lacks. */
function choose(candidates: readonly string[], leastGain?: number) {
  return chooseGreedily(candidates, {
    extend: (best) =>
      ["x", "y"].filter((letter) => !best.includes(letter)).map((one) => best + one),
    leastGain,
    score: (word) => Promise.resolve(scores[word] ?? 0),
  });
}

Deno.test("the first of the best is extended as long as that helps, and all trials are told", async () => {
  const { chosen, trials } = await choose(["a", "b", "c"]);
  assertEquals(chosen, { candidate: "by", score: 4 });
  assertEquals(trials.map(({ candidate }) => candidate), ["a", "b", "c", "bx", "by", "byx"]);
});

Deno.test("extensions that are no better are not taken; without candidates there is no choice", async () => {
  assertEquals((await choose(["c", "a"])).chosen.candidate, "cx");
  assertEquals((await choose(["a"])).chosen.candidate, "a");
  // From b to by the score rises by 1, which must be more than the least gain.
  assertEquals((await choose(["b"], 1)).chosen.candidate, "b");
  assertEquals((await choose(["b"], 0.9)).chosen.candidate, "by");
  await assertRejects(() => choose([]), RangeError, "found no candidate");
});
