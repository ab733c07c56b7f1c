import * as tf from "@tensorflow/tfjs";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { valueAndGradient } from "../../lib/tensors/gradient.ts";
import type { TeacherShape } from "../../lib/method/tokens.ts";
import { lossesPerTeacher } from "../../lib/method/losses.ts";
import { encode, type VisionTransformerParameters } from "../../lib/nn/vision_transformer.ts";
import { adamW, initAdam } from "../../lib/tensors/adamw.ts";
import { flatten, layoutOf, namedTensors, unflatten } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import {
  initStudent,
  student,
  type StudentConfig,
  studentFeatures,
  studentLayout,
} from "../../lib/method/student.ts";
import { drawDropPath } from "../../lib/method/drop_path.ts";
import { teacherDropCoefficients } from "../../lib/method/teacher_drop.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { assertClose, fill, filled, fillValues, golden } from "../golden_values_fixture.ts";
import { assertProbes } from "./probes_fixture.ts";
import "../pure_backend_fixture.ts";

const config = {
  encoder: { imageSize: 16, patchSize: 4, width: 12, depth: 3, heads: 2, stem: "convolution" },
  ladder: {
    width: 12,
    depth: 3,
    grid: [4, 4],
    teachers: [
      { name: "a", width: 10, tokens: ["cls", "patch"], grid: [4, 4] },
      { name: "b", width: 6, tokens: ["patch"], grid: [2, 2] },
      { name: "c", width: 7, tokens: ["cls"], grid: [1, 1] },
    ],
  },
} as const satisfies StudentConfig;

Deno.test("a student learns its targets by heart", async () => {
  const random = randomStream(3);
  const start = initStudent(config, random);
  const layout = layoutOf(start);
  let parameters = flatten(start, layout), state = initAdam(layout);
  const images = tf.tensor4d(random.at("images").normal(4 * 16 * 16 * 3), [4, 16, 16, 3]);
  const target = (name: string, shape: number[]) =>
    tf.tensor(random.at(name).normal(shape.reduce((x, y) => x * y)), shape);
  const targets = {
    a: { cls: target("1", [4, 10]) as tf.Tensor2D, patch: target("2", [4, 16, 10]) as tf.Tensor3D },
    b: { patch: target("3", [4, 4, 6]) as tf.Tensor3D },
    c: { cls: target("4", [4, 7]) as tf.Tensor2D },
  };
  const losses: number[] = [];
  for (let step = 1; step <= 30; step++) {
    const result = valueAndGradient(
      (tree) => {
        const predictions = student(tree, images, config);
        const { matrix } = lossesPerTeacher(predictions, targets, ["a", "b", "c"]);
        const uniforms = tf.tensor2d(random.at("drop", step).uniform(12), [4, 3]);
        const weights = teacherDropCoefficients(matrix, uniforms, { probability: 0.5 });
        return { value: tf.sum(tf.mul(matrix, weights)), others: { matrix } };
      },
      parameters,
      layout,
    );
    losses.push((await result.others.matrix.mean().data())[0]!);
    const inputs = { learningRate: tf.scalar(0.003), step: tf.scalar(step) };
    ({ parameters, state } = adamW(parameters, result.gradient, state, inputs, { layout }));
  }
  assert(losses[0]! > 0.65 && losses.at(-1)! < 0.85 * losses[0]!, `${losses}`);
  const trained = new Map(namedTensors(unflatten(parameters, layout)));
  assertEquals(await trained.get("encoder.norm.weight")!.data(), new Float32Array(12).fill(1));
  assertEquals(await trained.get("encoder.norm.bias")!.data(), new Float32Array(12));
});

interface GoldenStudent {
  readonly matrix: string;
  readonly weights: string;
  readonly loss: number;
  readonly gradients: { readonly [name: string]: string };
  readonly updated: { readonly [name: string]: string };
}

for (const stem of ["patch", "convolution"] as const) {
  Deno.test(`a student with ${stem} stem equals PyTorch: losses, every gradient, one update`, () => {
    const expected = golden<{ [stem: string]: GoldenStudent }>("method/student")[stem]!;
    const teachers: TeacherShape[] = [
      { name: "a", width: 5, tokens: ["cls", "patch"], grid: [4, 4] },
      { name: "b", width: 6, tokens: ["patch"], grid: [2, 2] },
      { name: "c", width: 3, tokens: ["cls"], grid: [1, 1] },
    ];
    const config: StudentConfig = {
      encoder: { imageSize: 16, patchSize: 4, width: 16, depth: 3, heads: 2, stem },
      ladder: { width: 16, depth: 3, grid: [4, 4], teachers },
    };
    const targets = {
      a: { cls: fill<tf.Rank.R2>([4, 5], 70), patch: fill<tf.Rank.R3>([4, 16, 5], 71) },
      b: { patch: fill<tf.Rank.R3>([4, 4, 6], 72) },
      c: { cls: fill<tf.Rank.R2>([4, 3], 73) },
    };
    const images = fill<tf.Rank.R4>([4, 16, 16, 3], 82);
    const dropPath = tf.tensor3d(fillValues(24, 81, 0.5, 1), [3, 2, 4]);
    const uniforms = tf.div<tf.Tensor2D>(tf.add(fill<tf.Rank.R2>([4, 3], 83), 1), 2);
    const tree = filled(initStudent(config, randomStream(0))), layout = layoutOf(tree);
    const flat = flatten(tree, layout);
    const { value, gradient, others } = valueAndGradient(
      (parameters) => {
        const predictions = student(parameters, images, config, { dropPath });
        const { matrix } = lossesPerTeacher(predictions, targets, ["a", "b", "c"]);
        const weights = teacherDropCoefficients(matrix, uniforms, { probability: 0.5 });
        return { value: tf.sum(tf.mul(matrix, weights)), others: { matrix, weights } };
      },
      flat,
      layout,
    );
    assertClose(others.matrix, expected.matrix, 2e-6);
    assertClose(others.weights, expected.weights, 1e-7);
    assertClose(value, [expected.loss], 2e-6);
    assertProbes(unflatten(gradient, layout), expected.gradients);
    const inputs = { learningRate: tf.scalar(0.01), step: tf.scalar(1) };
    const options = { layout, epsilon: 1e-3 };
    const { parameters } = adamW(flat, gradient, initAdam(layout), inputs, options);
    assertProbes(unflatten(parameters, layout), expected.updated);
  });
}

Deno.test("the layout of a student needs no tensors and equals that of its parameters", () => {
  const { encoder, ladder: { width, depth, grid, teachers } } = config;
  const shape = { width, depth, grid, teachers };
  const projectors: StudentConfig["ladder"][] = [
    shape,
    { ...shape, blocks: [0, 2], hidden: 5, lastHidden: 7 },
    { kind: "top", ...shape, hiddenLayers: 2, shared: true },
    { kind: "top", ...shape, hiddenLayers: 0 },
    { kind: "transformer", ...shape, heads: 3 },
  ];
  const encoders: StudentConfig["encoder"][] = [
    encoder,
    { ...encoder, stem: "patch", registers: 3, layerScale: 1e-4 },
    { ...encoder, mlpRatio: 2, initialization: "scaled" },
  ];
  for (const ladder of projectors) {
    for (const encoder of encoders) {
      const before = tf.memory().numTensors;
      const layout = studentLayout({ encoder, ladder });
      assertEquals(tf.memory().numTensors, before);
      const parameters = initStudent({ encoder, ladder }, randomStream(0));
      assertEquals(layout, layoutOf(parameters));
      tf.dispose(parameters);
    }
  }
});

Deno.test("stochastic depth: rates, scales and the last block's subset (item 29)", () => {
  const config = { imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12 };
  const batch = 128, draws = 40;
  const kept = new Float64Array(12);
  for (let draw = 0; draw < draws; draw++) {
    const multipliers = drawDropPath(config, batch, randomStream(1).at(draw));
    assertEquals(multipliers, drawDropPath(config, batch, randomStream(1).at(draw)));
    for (let block = 0; block < 12; block++) {
      const drawn = multipliers.subarray(block * 2 * batch, (block + 1) * 2 * batch);
      const scale = block === 11 ? 128 / 115 : 1 / (1 - 0.1 * block / 11);
      assert(drawn.every((value) => value === 0 || value === Math.fround(scale)), `block ${block}`);
      assertNotEquals(block > 8 && drawn.subarray(0, batch), drawn.subarray(batch));
      kept[block]! += drawn.filter((value) => value > 0).length;
      if (block === 11) assertEquals(drawn.filter((value) => value > 0).length, 2 * 115);
    }
  }
  kept.forEach((count, block) => {
    const share = count / (2 * batch * draws),
      expected = block === 11 ? 115 / 128 : 1 - block / 110;
    assertAlmostEquals(share, expected, block === 0 ? 0 : 0.012, `block ${block}`);
  });
});

Deno.test("the last block keeps what float32(0.1) leaves of a batch, as the reference does (item 29)", () => {
  const config = { imageSize: 32, patchSize: 8, width: 8, depth: 12, heads: 1 };
  // The reference: max(int(batch * (1 - float32(0.1))), 1); 0.9 in double precision gives 9, 18 and 45.
  for (const [batch, kept] of [[10, 8], [20, 17], [50, 44], [128, 115], [1, 1]] as const) {
    const last = drawDropPath(config, batch, randomStream(0)).subarray(11 * 2 * batch);
    for (const branch of [last.subarray(0, batch), last.subarray(batch)]) {
      const scaled = branch.filter((value) => value > 0);
      assertEquals([...scaled], new Array(kept).fill(Math.fround(batch / kept)));
    }
  }
});

Deno.test("stochastic depth can be switched off, and small batches keep an image", () => {
  const config = { imageSize: 32, patchSize: 8, width: 8, depth: 1, heads: 1 };
  assertEquals([...drawDropPath(config, 3, randomStream(0))], new Array(6).fill(1));
  const off = drawDropPath({ ...config, depth: 4, dropPath: 0 }, 2, randomStream(0));
  assert(off.every((value) => value === 1));
  const heavy = drawDropPath({ ...config, depth: 2, dropPath: 0.9 }, 3, randomStream(0));
  assertEquals([...heavy.subarray(6)].filter((value) => value > 0), [3, 3]);
});

Deno.test("dropping the ladder leaves the features, and a student must fit its ladder (item 28)", () => {
  const tree = initStudent(config, randomStream(1));
  const images = fill<tf.Rank.R4>([2, 16, 16, 3], 1);
  const { cls, patch } = studentFeatures(tree, images, config);
  const alone = encode(tree.encoder as VisionTransformerParameters, images, config.encoder);
  assertEquals(cls.dataSync(), alone.cls.dataSync());
  assertEquals(patch.shape, [2, 16, 12]);
  const wrong = { ...config, ladder: { ...config.ladder, width: 10 } };
  assertThrows(() => initStudent(wrong, randomStream(1)), UserError, "its ladder expects 10, 3");
  assertThrows(() => studentLayout(wrong), UserError, "its ladder expects 10, 3");
});

Deno.test("a ladder of another depth or grid does not fit an encoder", () => {
  for (const other of [{ depth: 2 }, { grid: [2, 8] as const }]) {
    const wrong = { ...config, ladder: { ...config.ladder, ...other } };
    assertThrows(() => initStudent(wrong, randomStream(1)), UserError, "its ladder expects 12");
  }
});

Deno.test("teachers of one name, or whose names would part a parameter's, are refused", () => {
  const [first] = config.ladder.teachers;
  for (const names of [["a", "a"], ["dino.v2"]]) {
    const teachers = names.map((name) => ({ ...first!, name }));
    const wrong = { ...config, ladder: { ...config.ladder, teachers } };
    assertThrows(() => initStudent(wrong, randomStream(1)), UserError, "different names without");
    assertThrows(() => studentLayout(wrong), UserError, `Rename "${names.at(-1)}"`);
  }
});
