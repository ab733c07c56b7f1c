import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { checkProcesses } from "../../../lib/training/processes/check_processes.ts";
import { factDifferences } from "../../../lib/training/processes/facts.ts";

const recipe = (changes: Partial<RecipeInput> = {}) =>
  defineRecipe({
    name: "shared",
    images: { sources: [{ path: "digits.zip" }], size: 32 },
    teachers: ["digits"],
    student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
    optimization: { batchSize: 24, steps: 1000 },
    ...changes,
  } as RecipeInput);

const refusal = (changes: Partial<RecipeInput>, size = 2) =>
  assertThrows(() => checkProcesses(recipe(changes), size), UserError).message;

Deno.test("a number of processes that does not divide the batch is refused, with those that do", () => {
  for (const size of [2, 3, 4, 24]) checkProcesses(recipe(), size);
  assert(refusal({}, 5).includes("1, 2, 3, 4, 6, 8, 12, 24 processes"));
  assert(refusal({}, 48).includes("no 48 equal parts"));
});

Deno.test("what only one process can do is refused, with what to set instead", () => {
  const cases: [Partial<RecipeInput>, string][] = [
    [{ balancing: { kind: "ada_loss" } }, "balancing.kind=teacher_drop"],
    [{ balancing: { level: "patch" } }, "balancing.normalization=image"],
    [{ optimization: { batchSize: 24, steps: 4, accumulate: 8 } }, "divisor of 12"],
  ];
  for (const [changes, instead] of cases) assert(refusal(changes).includes(instead), instead);
});

Deno.test("a stage that cannot be shared is refused by its name", () => {
  const stages = [{ name: "first" }, { name: "odd", optimization: { batchSize: 15 } }];
  const message = refusal({ stages });
  assert(message.startsWith('Cannot share stage "odd" of recipe "shared"'), message);
});

const facts = (changes: Partial<RecipeInput> = {}, origin = {}) => ({
  recipe: recipe(changes),
  origin: { images: "a", teachers: { digits: "b" }, versions: { code: "c" }, ...origin },
});

Deno.test("facts differ in recipe, images, teachers and code, each by name", () => {
  assertEquals(factDifferences(facts(), facts()), []);
  // The name changes nothing.
  assertEquals(factDifferences(facts({ name: "other" }), facts()), []);
  const differences = factDifferences(
    facts({ seed: 3 }, { images: "x", teachers: { digits: "y" }, versions: { code: "z" } }),
    facts(),
  );
  assertEquals(differences, [
    "seed: 3 -> 0",
    "images.digest: x -> a",
    "teachers.digits: y -> b",
    "versions.code: z -> c",
  ]);
});

Deno.test("a guard of its own would update other steps", () => {
  const [line] = factDifferences(facts({ guard: { policy: "skip" } }), facts());
  assert(line?.startsWith("guard: "), line);
});

Deno.test("whether moments are sharded decides what is exchanged", () => {
  const sharded = { optimization: { batchSize: 24, steps: 1000, sharded: true } };
  assertEquals(factDifferences(facts(sharded), facts()), ["optimization.sharded: true -> false"]);
  assertEquals(factDifferences(facts(sharded), facts(sharded)), []);
});

Deno.test("facts that are none differ, and nothing of them is run", () => {
  for (const theirs of [undefined, 3, {}, { recipe: {} }, { recipe: { guard: {} }, origin: 4 }]) {
    assert(factDifferences(theirs, facts()).length > 0, JSON.stringify(theirs));
  }
});
