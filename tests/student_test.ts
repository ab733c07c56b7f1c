import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { valueAndGradient } from "../lib/gradient.ts";
import { lossesPerTeacher } from "../lib/losses.ts";
import { adamW, initAdam } from "../lib/optimizer.ts";
import { layoutOf, namedTensors, pack, unpack } from "../lib/parameters.ts";
import { randomStream } from "../lib/random.ts";
import { initStudent, student, type StudentConfig } from "../lib/student.ts";
import { teacherDropCoefficients } from "../lib/teacher_drop.ts";
import "./pure_backend.ts";

const config: StudentConfig = {
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
};

Deno.test("a student learns its targets by heart", async () => {
  const random = randomStream(3);
  const start = initStudent(config, random);
  const layout = layoutOf(start);
  let parameters = pack(start, layout), state = initAdam(layout);
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
  const trained = new Map(namedTensors(unpack(parameters, layout)));
  assertEquals(await trained.get("encoder.norm.weight")!.data(), new Float32Array(12).fill(1));
  assertEquals(await trained.get("encoder.norm.bias")!.data(), new Float32Array(12));
});
