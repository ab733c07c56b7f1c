/** The ways to weigh teachers (item 61), against values in double precision; tolerance 1e-6. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { balance, type Balancing, uniformRows } from "../../lib/method/balancing.ts";
import type { TeacherLosses } from "../../lib/method/losses.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { assertClose, golden } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

interface Result {
  readonly loss: number;
  readonly shares: number[];
  readonly averages?: number[];
}
interface Golden {
  readonly cls: number[][];
  readonly patch: number[][][];
  readonly uniforms: number[][];
  readonly probability: number;
  readonly momentum: number;
  readonly weights: Record<string, number>;
  readonly ada_loss: Result[];
}
const expected = golden<Golden & { readonly [way: string]: Result }>("method/balancing");
const names = ["a", "b", "c"];
const plain: Balancing = {
  kind: "teacher_drop",
  normalization: "matrix",
  level: "image",
  momentum: expected.momentum,
};
const uniforms = tf.tensor2d(expected.uniforms);
const { probability } = expected;

function lossesOf(cls: tf.Tensor2D, patch: tf.Tensor3D): TeacherLosses {
  const column = <R extends tf.Rank>(x: tf.Tensor, t: number) =>
    tf.squeeze<tf.Tensor<R>>(tf.gather(x, [t], x.rank - 1), [x.rank - 1]);
  const matrix = tf.mul<tf.Tensor2D>(tf.add(cls, tf.mean(patch, 1)), 0.5);
  return {
    matrix,
    perToken: Object.fromEntries(names.map((name, t) => [name, {
      cls: column<tf.Rank.R1>(cls, t),
      patch: tf.mean<tf.Tensor1D>(column(patch, t), 1),
    }])),
    perPatch: Object.fromEntries(names.map((name, t) => [name, column<tf.Rank.R2>(patch, t)])),
  };
}
const cls = tf.tensor2d(expected.cls), patch = tf.tensor3d(expected.patch);
const losses = lossesOf(cls, patch);
const ofImages = tf.slice(uniforms, [0, 0], [3, 3]);

const ways: readonly [name: string, Partial<Balancing>][] = [
  ["none", { kind: "none" }],
  ["fixed", { kind: "fixed", weights: expected.weights }],
  ["random_drop", { kind: "random_drop" }],
  ["random_drop by image", { kind: "random_drop", normalization: "image" }],
  ["teacher_drop", {}],
  ["teacher_drop by image", { normalization: "image" }],
  ["teacher_drop by patch", { level: "patch" }],
];
for (const [name, options] of ways) {
  Deno.test(`${name}: loss and shares`, () => {
    const way = { ...plain, ...options };
    const numbers = way.level === "patch" ? uniforms : ofImages;
    const { loss, shares } = balance(losses, names, way, { uniforms: numbers, probability });
    const { loss: value, shares: parts } = expected[name]!;
    assertAlmostEquals(loss.dataSync()[0]!, value, 1e-6);
    assertClose(shares, parts, 1e-6, "shares");
    assertAlmostEquals(shares.sum().dataSync()[0]!, 1, 1e-6);
  });

  Deno.test(`${name}: no gradient flows through the coefficients`, () => {
    const way = { ...plain, ...options };
    const numbers = way.level === "patch" ? uniforms : ofImages;
    const [toCls, toPatch] = tf.grads((...inputs) => {
      const losses = lossesOf(inputs[0] as tf.Tensor2D, inputs[1] as tf.Tensor3D);
      return balance(losses, names, way, { uniforms: numbers, probability }).loss;
    })([cls, patch]);
    // The loss is linear in the losses once coefficients are constants: value = gradient x losses.
    const linear = tf.add(tf.sum(tf.mul(toCls!, cls)), tf.sum(tf.mul(toPatch!, patch)));
    assertAlmostEquals(linear.dataSync()[0]!, expected[name]!.loss, 1e-5);
  });
}

Deno.test("ada_loss divides by running averages that begin with the first batch", () => {
  let averages = tf.zeros<tf.Rank.R1>([3]);
  const way: Balancing = { ...plain, kind: "ada_loss" };
  expected.ada_loss.forEach((expectedStep, step) => {
    const scaled = lossesOf(tf.mul(cls, 1 + step), tf.mul(patch, 1 + step));
    const balanced = balance(scaled, names, way, { uniforms: ofImages, probability, averages });
    assertAlmostEquals(balanced.loss.dataSync()[0]!, expectedStep.loss, 1e-5);
    assertClose(balanced.shares, expectedStep.shares, 1e-6, "shares");
    assertClose(balanced.averages!, expectedStep.averages!, 1e-6, "averages");
    averages = balanced.averages!;
  });
});

Deno.test("random drop keeps someone for every image, even at probability 1", () => {
  const way: Balancing = { ...plain, kind: "random_drop", normalization: "image" };
  const { shares, loss } = balance(losses, names, way, { uniforms: ofImages, probability: 1 });
  assert(Number.isFinite(loss.dataSync()[0]!));
  // One teacher for each of three images: every share is a multiple of a third.
  for (const share of shares.dataSync()) assertAlmostEquals(share * 3 % 1, 0, 1e-6);
});

Deno.test("by patch: a teacher without CLS takes part with its patches", () => {
  const { a, b, c } = losses.perToken;
  const without = { ...losses, perToken: { a: a!, b: { patch: b!.patch! }, c: c! } };
  const { shares } = balance(without, names, { ...plain, level: "patch" }, {
    uniforms,
    probability: 0,
  });
  // A third of the patches' half for b; a third and half of the CLS half for the others.
  assertClose(shares, [1 / 6 + 1 / 4, 1 / 6, 1 / 6 + 1 / 4], 1e-6);
});

Deno.test("by patch: teachers of different grids are refused", () => {
  const other = { ...losses, perPatch: { ...losses.perPatch, b: tf.ones<tf.Rank.R2>([3, 9]) } };
  const error = assertThrows(
    () => balance(other, names, { ...plain, level: "patch" }, { uniforms, probability }),
    UserError,
  );
  assert(error.message.includes('balancing.level="image"'), error.message);
  assertEquals([uniformRows({ level: "image" }, 4), uniformRows({ level: "patch" }, 4)], [1, 5]);
});

Deno.test("fixed: a teacher without a weight weighs 1", () => {
  const way: Balancing = { ...plain, kind: "fixed", weights: { b: 2, c: 5 } };
  const { shares } = balance(losses, names, way, { uniforms: ofImages, probability: 0 });
  assertClose(shares, [1 / 8, 2 / 8, 5 / 8], 1e-6);
});

for (const normalization of ["matrix", "image"] as const) {
  Deno.test(`by patch, one teacher alone is plain distillation (${normalization})`, () => {
    const one: TeacherLosses = {
      matrix: tf.gather<tf.Tensor2D>(losses.matrix, [0], 1),
      perToken: { a: losses.perToken.a! },
      perPatch: { a: losses.perPatch.a! },
    };
    const way: Balancing = { ...plain, level: "patch", normalization };
    const numbers = tf.gather<tf.Tensor2D>(uniforms, [0], 1);
    const { loss, shares } = balance(one, ["a"], way, { uniforms: numbers, probability: 1 });
    assertAlmostEquals(loss.dataSync()[0]!, tf.mean(one.matrix).dataSync()[0]!, 1e-6);
    assertClose(shares, [1], 1e-6);
  });
}

Deno.test("fixed weights count by their ratio, though single precision cannot hold them", () => {
  const shares = (a: number, b: number) => {
    const way: Balancing = { ...plain, kind: "fixed", weights: { a, b, c: b } };
    return balance(losses, names, way, { uniforms: ofImages, probability }).shares;
  };
  for (const scale of [1e-60, 1, 1e60]) {
    assertClose(shares(2 * scale, scale), [1 / 2, 1 / 4, 1 / 4], 1e-6, `${scale}`);
  }
});
