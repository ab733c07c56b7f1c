import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { randomStream } from "../../lib/tensors/random.ts";
import { keptShares, teacherDropCoefficients } from "../../lib/method/teacher_drop.ts";
import { assertClose } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const example = tf.tensor2d([[3, 1, 2], [1, 1, 1]]);
const draw = (seed: number, batch: number, teachers: number) =>
  tf.tensor2d(randomStream(seed).uniform(batch * teachers), [batch, teachers]);

function total(losses: tf.Tensor2D, coefficients: tf.Tensor2D): number {
  return tf.sum(tf.mul(losses, coefficients)).dataSync()[0]!;
}

Deno.test("the worked example of two images and three teachers (items 16, 17, 59)", () => {
  const uniforms = tf.tensor2d([[0, 0, 0.9], [0, 0.1, 0.2]]);
  const loss = (probability: number, normalization: "matrix" | "image") =>
    total(
      example,
      teacherDropCoefficients(example, uniforms, { probability, normalization }),
    );
  assertAlmostEquals(loss(0, "matrix"), 1.5, 1e-6);
  assertAlmostEquals(loss(1, "matrix"), 2, 1e-6);
  assertAlmostEquals(loss(0.5, "matrix"), 2, 1e-6);
  assertAlmostEquals(loss(0.5, "image"), 1.75, 1e-6);
});

Deno.test("of equal losses the first is the hardest (item 17)", () => {
  const equal = tf.tensor2d([[1, 1, 1], [0, 2, 2]]);
  const kept = teacherDropCoefficients(equal, tf.zeros([2, 3]), { probability: 1 });
  assertEquals([...kept.dataSync()], [0.5, 0, 0, 0, 0.5, 0]);
});

Deno.test("the hardest is never dropped, the others with their probability (item 18)", () => {
  const batch = 100_000, probability = 0.3;
  const losses = draw(1, batch, 3), uniforms = draw(2, batch, 3);
  const weights = teacherDropCoefficients(losses, uniforms, {
    probability: tf.scalar(probability),
  });
  const values = weights.dataSync(), hardest = losses.argMax(1).dataSync();
  let dropped = 0;
  for (let image = 0; image < batch; image++) {
    assert(values[3 * image + hardest[image]!]! > 0);
    for (let teacher = 0; teacher < 3; teacher++) {
      if (values[3 * image + teacher] === 0) dropped++;
    }
  }
  assertAlmostEquals(dropped / (2 * batch), probability, 0.01);
});

Deno.test("coefficients and shares sum to 1; of two, the larger is at most 1/(2-p) (item 19)", () => {
  const losses = tf.tensor2d(Array.from({ length: 4000 }, () => [2, 1]));
  for (const probability of [0.25, 0.5, 1]) {
    for (const normalization of ["matrix", "image"] as const) {
      const options = { probability, normalization };
      const weights = teacherDropCoefficients(losses, draw(3, 4000, 2), options);
      const shares = keptShares(weights).dataSync();
      assertAlmostEquals(weights.sum().dataSync()[0]!, 1, 1e-5);
      assertAlmostEquals(shares[0]! + shares[1]!, 1, 1e-5);
      if (normalization === "matrix") {
        assertLessOrEqual(shares[0]!, 1 / (2 - probability) + 0.02);
        assertAlmostEquals(shares[0]!, 1 / (2 - probability), 0.02);
      }
    }
  }
});

Deno.test("no gradient flows through the coefficients (item 20)", () => {
  const uniforms = tf.zeros<tf.Rank.R2>([2, 3]);
  const gradient = tf.grad((x) => {
    const losses = x as tf.Tensor2D;
    const weights = teacherDropCoefficients(losses, uniforms, { probability: 0.5 });
    return tf.sum(tf.mul(losses, weights));
  })(example);
  const weights = teacherDropCoefficients(example, uniforms, { probability: 0.5 });
  assertClose(gradient, weights.dataSync(), 0);
});

Deno.test("one teacher is plain distillation whatever the probability (item 22)", () => {
  const losses = tf.tensor2d([[3], [1]]);
  for (const probability of [0, 0.5, 1]) {
    const weights = teacherDropCoefficients(losses, tf.zeros([2, 1]), { probability });
    assertEquals([...weights.dataSync()], [0.5, 0.5]);
  }
});

Deno.test("the same uniforms give the same mask, another address another (item 21)", () => {
  const mask = (rank: number) => {
    const uniforms = tf.tensor2d(randomStream(7).at("drop", rank, 12).uniform(60), [20, 3]);
    const losses = tf.ones<tf.Rank.R2>([20, 3]);
    return `${teacherDropCoefficients(losses, uniforms, { probability: 0.5 }).dataSync()}`;
  };
  assertEquals(mask(0), mask(0));
  assert(mask(0) !== mask(1));
});
