/** The method as the training loop runs it: one compiled function, equal to the same ops one by one. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertGreater } from "@std/assert";
import { compile, type Mode } from "../../lib/engine/compiler/compile.ts";
import { valueAndGradient } from "../../lib/tensors/gradient.ts";
import { lossesPerTeacher } from "../../lib/method/losses.ts";
import { adamW, gradientNorm, initAdam } from "../../lib/tensors/adamw.ts";
import { flatten, layoutOf } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { standardize, updateStatistics } from "../../lib/method/standardizers/standardizer.ts";
import {
  initStatistics,
  type Statistics,
  type Targets,
} from "../../lib/method/standardizers/statistics.ts";
import { initStudent, student, type StudentConfig } from "../../lib/method/student.ts";
import { drawDropPath } from "../../lib/method/drop_path.ts";
import { keptShares, teacherDropCoefficients } from "../../lib/method/teacher_drop.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";
import { assertClose } from "../golden_values_fixture.ts";

const batch = 4;
const config: StudentConfig = {
  encoder: { imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2, stem: "convolution" },
  ladder: {
    width: 16,
    depth: 2,
    grid: [4, 4],
    teachers: [
      { name: "a", width: 10, tokens: ["cls", "patch"], grid: [4, 4] },
      { name: "b", width: 6, tokens: ["patch"], grid: [2, 2] },
      { name: "c", width: 7, tokens: ["cls", "patch"], grid: [8, 8] },
    ],
  },
};
const { teachers } = config.ladder;

/** Everything that a step takes. */
function inputs() {
  const random = randomStream(11), start = initStudent(config, random), layout = layoutOf(start);
  const normal = (name: string, shape: number[]) =>
    tf.tensor(random.at(name).normal(shape.reduce((x, y) => x * y)), shape);
  const targets: Targets = {
    a: {
      cls: normal("1", [batch, 10]) as tf.Tensor2D,
      patch: normal("2", [batch, 16, 10]) as tf.Tensor3D,
    },
    b: { patch: normal("3", [batch, 4, 6]) as tf.Tensor3D },
    c: {
      cls: normal("4", [batch, 7]) as tf.Tensor2D,
      patch: normal("5", [batch, 16, 7]) as tf.Tensor3D,
    },
  };
  const dropPath = drawDropPath(config.encoder, batch, random.at("path"));
  const values = {
    parameters: flatten(start, layout),
    adam: initAdam(layout),
    statistics: initStatistics(teachers),
    images: normal("images", [batch, 16, 16, 3]) as tf.Tensor4D,
    targets,
    uniforms: tf.tensor2d(random.at("drop").uniform(batch * 3), [batch, 3]),
    dropPath: tf.tensor3d(dropPath, [2, 2, batch]),
    learningRate: tf.scalar(0.01),
    step: tf.scalar(1),
    weight: tf.scalar(0.5),
  };
  return { values, layout };
}

type Values = ReturnType<typeof inputs>["values"];

function stepOf(layout: ReturnType<typeof inputs>["layout"]) {
  return (v: Values) => {
    const targets = standardize(v.targets, v.statistics);
    const { value, gradient, others } = valueAndGradient(
      (parameters) => {
        const predictions = student(parameters, v.images, config, { dropPath: v.dropPath });
        const names = teachers.map(({ name }) => name);
        const { matrix } = lossesPerTeacher(predictions, targets, names);
        const weights = teacherDropCoefficients(matrix, v.uniforms, { probability: 0.5 });
        const loss = tf.sum(tf.mul(matrix, weights)) as tf.Scalar;
        return { value: loss, others: { matrix, shares: keptShares(weights) } };
      },
      v.parameters,
      layout,
    );
    const statistics: Statistics = updateStatistics(v.statistics, v.targets, v.weight);
    const { learningRate, step } = v, options = { layout, epsilon: 1e-3 };
    const updated = adamW(v.parameters, gradient, v.adam, { learningRate, step }, options);
    const { parameters, state: adam } = updated;
    return {
      state: { parameters, adam, statistics },
      value,
      gradient,
      gradientNorm: gradientNorm(gradient),
      others,
    };
  };
}

for (const mode of ["graph", "xla"] satisfies Mode[]) {
  testWithTensorFlow(`a whole step compiled as ${mode} equals the step op by op`, async () => {
    const { values, layout } = inputs(), step = stepOf(layout);
    const expected = tf.tidy(() => step(values));
    const compiled = compile(step, [values], { mode });
    assertEquals(compiled.mode, mode);
    assertGreater(compiled.operations, 500);
    const actual = await compiled(values);
    const close = (name: "value" | "gradient" | "gradientNorm", tolerance: number) =>
      assertClose(actual[name], expected[name].dataSync(), tolerance, name);
    close("value", 1e-6);
    close("gradient", 1e-5);
    close("gradientNorm", 1e-5);
    assertClose(actual.others.matrix, expected.others.matrix.dataSync(), 2e-6);
    assertEquals(actual.others.shares.dataSync(), expected.others.shares.dataSync());
    assertClose(actual.state.parameters, expected.state.parameters.dataSync(), 2e-5);
    assertClose(actual.state.adam.second, expected.state.adam.second.dataSync(), 1e-6);
    for (const name of ["a", "c"]) {
      const std = actual.state.statistics[name]!.patch!.std;
      assertClose(std, expected.state.statistics[name]!.patch!.std.dataSync(), 1e-6);
    }
    compiled.dispose();
    tf.dispose([values, expected, actual]);
  });
}
