/** The prediction of models' features from each other's. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inverseOfPositive } from "../../../lib/metrics/positive_matrix.ts";
import { predictability } from "../../../lib/metrics/representation/predictability.ts";
import { type RandomStream, randomStream } from "../../../lib/tensors/random.ts";
import { assertClose, golden } from "../../golden_values_fixture.ts";

await startEngine();

interface Golden {
  readonly models: readonly { readonly features: string; readonly width: number }[];
  readonly held: readonly number[];
  readonly penalties: readonly number[];
  readonly subsets: readonly {
    readonly members: readonly number[];
    readonly penalty: number;
    readonly r2: string;
    readonly scores: string;
  }[];
}

const { predictability: known } = golden<{ readonly predictability: Golden }>("metrics/selection");
const models = known.models.map(({ features, width }) => ({
  features: Float32Array.from(features.split(" "), Number),
  width,
}));

/** Draws these images first. */
function drawing(first: readonly number[]): RandomStream {
  const stream = randomStream(0);
  const permutation = (count: number) =>
    Uint32Array.from([
      ...first,
      ...Array.from({ length: count }, (_, i) => i).filter((i) => !first.includes(i)),
    ]);
  return { ...stream, at: () => ({ ...stream, permutation }) };
}

Deno.test("R² of held-out images, every image's share and the penalty are those of fits one by one", async () => {
  const { penalties } = known;
  const prediction = await predictability(models, drawing(known.held), { penalties });
  assertEquals([prediction.learnt, prediction.heldOut], [28, 14]);
  for (const { members, penalty, r2, scores } of known.subsets) {
    const found = await prediction.from(members);
    assertEquals(found.penalty, penalty, `${members}`);
    assertClose(found.r2, r2, 2e-4, `R² from ${members}`);
    assertClose(found.scores, scores, 2e-4, `images from ${members}`);
    const mean = found.scores.reduce((sum, score) => sum + score, 0) / found.scores.length;
    assertAlmostEquals(found.representativeness, mean, 1e-6);
  }
});

Deno.test("scale and place of a model's features do not matter; all predict all, none nothing", async () => {
  const moved = models.map(({ features, width }, i) => ({
    features: features.map((value) => 8 * value + i + 1),
    width,
  }));
  const { from } = await predictability(models, randomStream(3));
  const other = await predictability(moved, randomStream(3));
  assertClose((await from([1])).scores, (await other.from([1])).scores, 2e-3);
  assertEquals((await from([0, 1, 2])).r2, [1, 1, 1]);
  assertEquals((await from([])).representativeness, 0);
  assertEquals((await from([2, 2])).r2[2], 1);
});

Deno.test("the whole says all of its part, the part little of the whole, and noise nothing", async () => {
  const whole = { features: randomStream(1).normal(300 * 6), width: 6 };
  const part = { features: whole.features.filter((_, i) => i % 6 < 2), width: 2 };
  const noise = { features: randomStream(2).normal(300 * 4), width: 4 };
  const { from } = await predictability([whole, part, noise], randomStream(0));
  const { r2 } = await from([0]);
  assert(r2[1]! > 0.999 && Math.abs(r2[2]!) < 0.05, `${r2}`);
  const back = (await from([1])).r2[0]!;
  assert(back > 0.2 && back < 0.45, `a third of the numbers: ${back}`);
});

Deno.test("what cannot be predicted is refused", async () => {
  const refused = (list: typeof models, words: string) =>
    assertRejects(() => predictability(list, randomStream(0)), UserError, words);
  const few = { features: new Float32Array(10).map((_, i) => i), width: 1 };
  await refused([few, few], "at least 12");
  await refused([], "0 models");
  await refused([models[0]!, few], "42 and 10 images");
  await refused([{ features: new Float32Array(42).fill(2), width: 1 }], "same features for all");
  const bad = { features: models[0]!.features.map((value, i) => i === 3 ? NaN : value), width: 5 };
  await refused([bad], "not finite");
  const { from } = await predictability(models, randomStream(0), { penalties: [-1] });
  await assertRejects(() => from([0]), UserError, "larger penalties");
});

Deno.test("the inverse of a symmetric matrix times it is one", () => {
  const matrix = Float64Array.of(4, 1, -1, 1, 3, 0.5, -1, 0.5, 2);
  const inverse = inverseOfPositive(matrix, 3, 0.5)!;
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let value = 0;
      for (let i = 0; i < 3; i++) {
        const penalty = row === i ? 0.5 : 0;
        value += (matrix[row * 3 + i]! + penalty) * inverse[i * 3 + column]!;
      }
      assertAlmostEquals(value, Number(row === column), 1e-12);
    }
  }
  assertEquals(inverseOfPositive(Float64Array.of(1, 2, 2, 1), 2, 0), undefined);
});
