/** Teachers that stopped: the others are weighed as if those had never been there. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { balance, type Balancing } from "../../lib/method/balancing.ts";
import { lossesPerTeacher, type TeacherLosses } from "../../lib/method/losses.ts";
import {
  judgeTeachers,
  stoppedTeachers,
  type TeacherStopState,
} from "../../lib/method/teacher_stop.ts";
import { assertClose, fill, fillValues } from "../golden_values_fixture.ts";

await startEngine();

const names = ["a", "b", "c"];
const [batch, patches] = [5, 4];

/** Losses of these teachers; the second has the largest of all, so that it would always be kept. */
function lossesOf(teachers: readonly string[]): TeacherLosses {
  const features = (seed: number, scale: number) => ({
    cls: tf.mul(fill<tf.Rank.R2>([batch, 6], seed), scale) as tf.Tensor2D,
    patch: tf.mul(fill<tf.Rank.R3>([batch, patches, 6], seed + 1), scale) as tf.Tensor3D,
  });
  const of = (seed: number) =>
    Object.fromEntries(
      teachers.map((
        name,
      ) => [name, features(seed + 10 * names.indexOf(name), name === "b" ? 9 : 1)]),
    );
  return lossesPerTeacher(of(1), of(5), teachers);
}

const rows = batch * (1 + patches);
const uniforms = tf.tensor2d(fillValues(rows * 3, 4, 0.5, 0.5), [rows, 3]);
const others = tf.gather(uniforms, tf.tensor1d([0, 2], "int32"), 1);
const active = tf.tensor1d([1, 0, 1]);

const plain: Balancing = {
  kind: "teacher_drop",
  normalization: "matrix",
  level: "image",
  momentum: 0.9,
};
const ways: readonly Partial<Balancing>[] = [
  {},
  { normalization: "image" },
  { level: "patch" },
  { kind: "random_drop" },
  { kind: "none" },
  { kind: "none", normalization: "image" },
  { kind: "fixed", weights: { a: 3, b: 50 } },
  { kind: "ada_loss" },
];

for (const options of ways) {
  Deno.test(`a teacher that stopped leaves the weights of the others: ${JSON.stringify(options)}`, () => {
    const way = { ...plain, ...options };
    const perImage = way.level === "image" ? batch : rows;
    const part = (values: tf.Tensor2D) => tf.slice(values, [0, 0], [perImage, values.shape[1]]);
    const averages = tf.tensor1d([0.5, 0.7, 0.9]);
    for (const probability of [0, 0.5, 1]) {
      const all = balance(lossesOf(names), names, way, {
        ...{ uniforms: part(uniforms), probability, active, averages },
      });
      const two = balance(lossesOf(["a", "c"]), ["a", "c"], way, {
        ...{ uniforms: part(others), probability, averages: tf.tensor1d([0.5, 0.9]) },
      });
      assertAlmostEquals(all.loss.dataSync()[0]!, two.loss.dataSync()[0]!, 1e-5);
      const [a, c] = two.shares.dataSync();
      assertClose(all.shares, [a!, 0, c!], 1e-6, "shares");
      if (all.averages === undefined) continue;
      const [averageA, averageC] = two.averages!.dataSync();
      assertClose(all.averages, [averageA!, 0.7, averageC!], 1e-6, "averages stay");
    }
  });
}

Deno.test("where all count, nothing changes", () => {
  const inputs = { uniforms: tf.slice(uniforms, [0, 0], [batch, 3]), probability: 0.5 };
  const without = balance(lossesOf(names), names, plain, inputs);
  const counting = balance(lossesOf(names), names, plain, { ...inputs, active: tf.ones([3]) });
  assertEquals(counting.loss.dataSync(), without.loss.dataSync());
});

Deno.test("a teacher stops after so many measurements without an improvement, for good", () => {
  const rule = { patience: 2, minimumImprovement: 0.1 };
  const measured = [
    { a: 1, b: 1, c: 1 },
    { a: 0.91, b: 0.89, c: 0.5 }, // a falls by less than a tenth
    { a: 0.905, b: 0.88, c: 0.4 }, // a has waited twice
    { a: 0.1, b: 0.87, c: 0.3 }, // too late for a; b has waited twice
    { a: 0.1, b: 0.1, c: 0.31 },
    { a: 0.1, b: 0.1, c: 0.32 }, // the last one goes on
  ];
  let state: TeacherStopState = {};
  const stopped = measured.map((losses, i) => {
    state = judgeTeachers(state, losses, { step: 10 * (i + 1), rule });
    return stoppedTeachers(state).join("");
  });
  assertEquals(stopped, ["", "", "a", "ab", "ab", "ab"]);
  assertEquals([state.a?.stoppedAfter, state.b?.stoppedAfter], [30, 40]);
  assertEquals(state.c, { lowest: 0.3, waited: 2 });
});

Deno.test("where all would stop at once, the one of the largest loss goes on; NaN is no improvement", () => {
  const rule = { patience: 1, minimumImprovement: 0 };
  const first = judgeTeachers({}, { a: 1, b: 3, c: 2 }, { step: 1, rule });
  const second = judgeTeachers(first, { a: 1, b: 3, c: 2 }, { step: 2, rule });
  assertEquals(stoppedTeachers(second), ["a", "c"]);
  const third = judgeTeachers(first, { a: 0.5, b: NaN, c: 1 }, { step: 2, rule });
  assertEquals(stoppedTeachers(third), ["b"]);
  assertEquals(judgeTeachers({}, { a: NaN, b: 1 }, { step: 1, rule }), {
    b: { lowest: 1, waited: 0 },
  });
});
