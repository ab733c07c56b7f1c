/** Groups of parameters in a whole step: a frozen encoder stays, and its gradient is not in the norm. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { distillGradients, distillUpdate, type StepConfig } from "../../lib/method/step.ts";
import { initParameters } from "../../lib/method/student.ts";
import { initAdam } from "../../lib/tensors/adamw.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { fill } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const grid = [2, 2] as const;
const student = {
  encoder: { imageSize: 4, patchSize: 2, width: 4, depth: 1, heads: 2 },
  ladder: { width: 4, depth: 1, grid, teachers: [{ name: "a", width: 1, tokens: ["cls"], grid }] },
} as const;

Deno.test("a frozen encoder stays bit for bit; the gradient's norm is that of the heads", () => {
  const { parameters, layout } = initParameters(student, randomStream(0));
  const step = (optimizer: Partial<StepConfig["optimizer"]>) => {
    const config: StepConfig = {
      ...{ student, layout, standardizer: "fixed" },
      input: { size: 4, mean: [0, 0, 0], std: [1, 1, 1] },
      balancing: { kind: "none", normalization: "matrix", level: "image", momentum: 0 },
      optimizer: { weightDecay: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, ...optimizer },
    };
    const statistics = { a: { cls: { mean: tf.tensor1d([0]), std: tf.tensor1d([1]) } } };
    const { gradients, report } = distillGradients(
      { parameters, statistics },
      {
        images: fill<tf.Rank.R4>([2, 4, 4, 3], 3),
        targets: { a: { cls: tf.tensor2d([[1], [3]]) } },
      },
      {
        dropUniforms: tf.zeros([2, 1]),
        dropProbability: tf.scalar(0),
        dropPath: tf.ones([1, 2, 2]),
        standardizerWeight: tf.scalar(0.25),
      },
      config,
    );
    const inputs = { learningRate: tf.scalar(0.1), update: tf.scalar(1) };
    const adam = initAdam(layout);
    const updated = distillUpdate({ parameters, adam }, gradients, inputs, config).parameters;
    const norm = report.dataSync().at(-1)!;
    return {
      gradients: gradients.dataSync<"float32">(),
      updated: updated.dataSync<"float32">(),
      norm,
    };
  };
  const isEncoder = (name: string) => name.startsWith("encoder.");
  const free = step({}), frozen = step({ rates: (name) => isEncoder(name) ? 0 : 1 });
  const before = parameters.dataSync<"float32">();
  let squares = 0;
  for (const { name, offset, size } of layout.entries) {
    const part = (values: Float32Array) => values.slice(offset, offset + size);
    if (isEncoder(name)) {
      assertEquals(part(frozen.updated), part(before), name);
      assert(part(frozen.gradients).every((value) => value === 0), name);
    } else {
      assertEquals(part(frozen.updated), part(free.updated), name);
      squares += part(frozen.gradients).reduce((sum, value) => sum + value ** 2, 0);
    }
  }
  assertAlmostEquals(frozen.norm, Math.sqrt(squares), 1e-6);
  assert(free.norm > frozen.norm, `${free.norm} has the encoder's share`);
});
