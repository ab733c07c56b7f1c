import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import { madeUpTeacher, recipeOver } from "../tiny_distillation_fixture.ts";
import { trainShared, writeVariedImages } from "./shared_fixture.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
await writeVariedImages(folder, 16);
await startEngine();

const teachers = [
  madeUpTeacher(undefined, "one"),
  madeUpTeacher((colours) => tf.add(tf.mul(tf.square(colours), 30), 5), "two"),
  madeUpTeacher((colours) => tf.sin(tf.mul(colours, 9)), "three"),
];

function recipeWith(changes: Partial<Recipe> = {}): Recipe {
  const recipe = recipeOver(folder);
  return {
    ...recipe,
    teachers: teachers.map(({ name }) => ({ name })) as Recipe["teachers"],
    student: { ...recipe.student, dropPath: 0.3, depth: 2 },
    // Keys' biases have no gradient but rounding, of which Adam's usual epsilon would make whole steps.
    optimization: { ...recipe.optimization, batchSize: 8, steps: 20, epsilon: 1e-4 },
    ...changes,
  };
}

/** The largest difference of two tensors, in units of the largest number of either. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0, difference = 0;
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i]!), Math.abs(b[i]!));
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
  }
  return largest === 0 ? 0 : difference / largest;
}

async function assertSharesLikeOne(recipe: Recipe, steps = 20): Promise<void> {
  const alone = await trainShared(recipe, { teachers, size: 1, steps });
  for (const size of [2, 4]) {
    const shared = await trainShared(recipe, { teachers, size, steps });
    for (const [name, { data }] of alone.states[0]!) {
      const difference = apart(data, shared.states[0]!.get(name)!.data);
      assert(difference < 1e-5, `${size} processes: ${name} is ${difference} apart`);
    }
    shared.states.forEach((state, rank) =>
      state.forEach(({ data }, name) =>
        assertEquals(data, shared.states[0]!.get(name)!.data, `rank ${rank}: ${name}`)
      )
    );
    for (const [step, one] of alone.measurements[0]!.entries()) {
      const other = shared.measurements[0]![step]!;
      const numbers = (m: typeof one) => [m.loss, m.gradientNorm, ...Object.values(m.shares)];
      const difference = apart(numbers(one), numbers(other));
      assert(difference < 1e-5, `${size} processes, step ${step}: report is ${difference} apart`);
      for (const [name, losses] of Object.entries(one.losses)) {
        const values = ({ cls = 0, patch = 0, total }: typeof losses) => [cls, patch, total];
        assert(apart(values(losses), values(other.losses[name]!)) < 1e-5, name);
      }
    }
  }
}

Deno.test("1, 2 and 4 processes agree to 1e-5 after 20 steps of teacher dropping", async () => {
  await assertSharesLikeOne(recipeWith());
});

Deno.test("with Adam's usual epsilon, all parameters together agree to 1e-5", async () => {
  const { optimization } = recipeOver(folder), recipe = recipeWith();
  const usual = {
    ...recipe,
    optimization: { ...recipe.optimization, epsilon: optimization.epsilon },
  };
  const [alone, shared] = [
    await trainShared(usual, { teachers, size: 1, steps: 20 }),
    await trainShared(usual, { teachers, size: 4, steps: 20 }),
  ].map(({ states }) =>
    [...states[0]!].filter(([name]) => /^(encoder|ladder)/.test(name)).flatMap(([, { data }]) => [
      ...data,
    ])
  );
  const norm = (values: readonly number[]) => Math.hypot(...values);
  const difference = norm(alone!.map((value, i) => value - shared![i]!)) / norm(alone!);
  assert(difference < 1e-5, `they are ${difference} apart`);
});

for (const kind of ["random_drop", "none", "fixed"] as const) {
  Deno.test(`1, 2 and 4 processes agree to 1e-5 with the balancing ${kind}`, async () => {
    const { balancing } = recipeWith();
    await assertSharesLikeOne(
      recipeWith({
        balancing: { ...balancing, kind, ...kind === "fixed" && { weights: { one: 2, two: 0.5 } } },
      } as Partial<Recipe>),
      6,
    );
  });
}

Deno.test("1, 2 and 4 processes agree to 1e-5 where every image weighs the same", async () => {
  const { balancing } = recipeWith();
  await assertSharesLikeOne(recipeWith({ balancing: { ...balancing, normalization: "image" } }), 6);
});

Deno.test("1, 2 and 4 processes agree to 1e-5 with masked tokens and fixed statistics", async () => {
  const { student, standardizer } = recipeWith();
  await assertSharesLikeOne(
    recipeWith({
      student: { ...student, tokenMask: 0.5 } as Recipe["student"],
      standardizer: { ...standardizer, kind: "fixed" },
    }),
    6,
  );
});

Deno.test("1, 2 and 4 processes agree to 1e-5 where each takes its part in parts, and waits for the batch's statistics", async () => {
  const { balancing, optimization, standardizer } = recipeWith();
  await assertSharesLikeOne(
    recipeWith({
      // Parts of two images: of one, rounding alone is 1.2e-5 on a processor with AMX.
      optimization: { ...optimization, batchSize: 16, accumulate: 2 },
      standardizer: { ...standardizer, kind: "batch" },
      balancing: { ...balancing, level: "patch", normalization: "image" },
    }),
    6,
  );
});

Deno.test("1, 2 and 4 processes agree to 1e-5 where each keeps a slice of the moments", async () => {
  const { student, optimization } = recipeWith();
  const { learningRate: _, ...others } = optimization;
  await assertSharesLikeOne(
    recipeWith({
      student: { ...student, freeze: 1 } as Recipe["student"],
      optimization: {
        ...others,
        sharded: true,
        accumulate: 2,
        decay: "heads",
        weightDecay: 0.3,
        learningRates: { backbone: 5e-4, heads: 1e-3 },
        maximumGradientNorm: 0.05,
      },
    }),
    12,
  );
});
