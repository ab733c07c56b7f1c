/** Golden values: tests/golden/nn/pruning.py, numpy in double precision. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Matrix } from "ml-matrix";
import { startEngine } from "../../../lib/engine/backend.ts";
import { chooseGroups, orderInputs } from "../../../lib/nn/pruning/choose_inputs.ts";
import {
  compensate,
  outputEnergy,
  replacementError,
  rowsOf,
} from "../../../lib/nn/pruning/compensation.ts";
import { correctionOf } from "../../../lib/nn/pruning/correct_layer.ts";
import { lowRankProduct } from "../../../lib/nn/pruning/low_rank.ts";
import { covariance, secondMoments } from "../../../lib/nn/pruning/second_moments.ts";
import golden from "../../golden/nn/pruning.json" with { type: "json" };

await startEngine();
const layer = {
  products: Float64Array.from(golden.layer.products),
  weight: Float64Array.from(golden.layer.weight),
  inputs: golden.layer.inputs,
};

function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  assertEquals(actual.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(actual[i]!, value, tolerance));
}

Deno.test("kept weights take over what a ridge regression tells of the pruned inputs", () => {
  const { kept, ridge, weight, error } = golden.compensation;
  const own = compensate(layer, kept, { ridge });
  assertClose(own, weight, 1e-9);
  assertAlmostEquals(replacementError(layer, kept, own), error, 1e-9);
});

Deno.test("compensated weights err less than the kept ones as they are", () => {
  const { kept } = golden.compensation;
  const plain = replacementError(layer, kept, rowsOf(layer.weight, kept, 3));
  assert(replacementError(layer, kept, compensate(layer, kept)) < plain);
});

Deno.test("all that is pruned away is the energy of the outputs", () => {
  assertAlmostEquals(replacementError(layer, [], new Float64Array()), outputEnergy(layer), 1e-9);
});

Deno.test("inputs go in the order that trying each and fitting the others anew gives", () => {
  const { order, harm } = orderInputs(layer, { ridge: 1e-12 });
  assertEquals(order, golden.order.order);
  assertClose(harm, golden.order.harm, 1e-6);
});

Deno.test("a copy and an input of no weight go first, without harm", () => {
  // Inputs 0 and 1 are equal, and 2 has no weight.
  const products = Float64Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  const copied = { products, weight: Float64Array.of(2, 3, 0, 1), inputs: 4 };
  const { order, harm } = orderInputs(copied, { ridge: 1e-9 });
  assert(order.slice(0, 2).includes(2));
  assert(order[0] === 0 || order[1] === 0);
  assert(harm[2]! < 1e-6 && harm[3]! > 0.9);
  const [weight = 0] = compensate(copied, [1, 3], { ridge: 1e-9 });
  assertAlmostEquals(weight, 5, 1e-6);
});

Deno.test("of groups those stay whose loss errs most", () => {
  const kept = chooseGroups(layer, { size: 2, count: 2 });
  const errors = [0, 1, 2].map((gone) => {
    const inputs = [0, 1, 2, 3, 4, 5].filter((input) => Math.floor(input / 2) !== gone);
    return replacementError(layer, inputs, compensate(layer, inputs));
  });
  const gone = errors.indexOf(Math.min(...errors));
  assertEquals(kept, [0, 1, 2].filter((group) => group !== gone));
});

Deno.test("narrower queries and keys have the nearest product of their rank", () => {
  const { left, right, products, nearest } = golden.lowRank;
  const narrow = lowRankProduct(
    { left: new Matrix(left), right: new Matrix(right) },
    new Matrix(products),
    2,
  );
  assertEquals(narrow.left.columns, 2);
  const product = narrow.left.mmul(narrow.right.transpose());
  assertClose(product.to1DArray(), nearest.flat(), 1e-8);
});

Deno.test("moments of batches are those of all rows", async () => {
  const { rows, products } = golden.layer, halves = [rows.slice(0, 25), rows.slice(25)];
  const moments = await secondMoments(2, (batch) => tf.tensor2d(halves[batch]!));
  assertClose(covariance(moments), products, 2e-5);
});

Deno.test("moments far from zero keep the digits in which rows differ", async () => {
  const far = golden.layer.rows.map((row) => row.map((value) => value + 1000));
  const moments = await secondMoments(1, () => tf.tensor2d(far));
  assertClose(covariance(moments), golden.layer.products, 2e-3);
});

Deno.test("what outputs lack is fitted by a ridge regression whose bias is free", async () => {
  const { lacking, weight, bias } = golden.correction, { rows } = golden.layer;
  const halves = <T>(all: readonly T[]) => [all.slice(0, 20), all.slice(20)];
  const found = await correctionOf({
    batches: 2,
    inputs: (batch) => tf.tensor2d(halves(rows)[batch]!),
    lacking: (batch) => tf.tensor2d(halves(lacking)[batch]!),
  });
  assertClose(found.weight, weight, 1e-5);
  assertClose(found.bias, bias, 1e-5);
});
