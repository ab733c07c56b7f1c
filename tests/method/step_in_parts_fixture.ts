/** A step on random numbers, run whole or in the ways that save memory. */
import * as tf from "@tensorflow/tfjs";
import { compile, type Mode } from "../../lib/engine/compiler/compile.ts";
import { disposeTree } from "../../lib/engine/compiler/tree.ts";
import type { Balancing } from "../../lib/method/balancing.ts";
import { uniformRows } from "../../lib/method/balancing.ts";
import type { StandardizerKind } from "../../lib/method/standardizers/standardizer.ts";
import { initStatistics, type Targets } from "../../lib/method/standardizers/statistics.ts";
import { distillGradients, type GradientInputs, type StepConfig } from "../../lib/method/step.ts";
import { initParameters, type StudentConfig } from "../../lib/method/student.ts";
import { drawDropPath } from "../../lib/method/drop_path.ts";
import { encoderStages } from "../../lib/nn/encoder.ts";
import { drawKeptTokens, keptCount } from "../../lib/nn/kept_tokens.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { accumulatedGradients } from "../../lib/training/memory/accumulated_gradients.ts";

/** Images of a batch. */
export const batchSize = 4;

const teachers = [
  { name: "a", width: 5, tokens: ["cls", "patch"] as const, grid: [4, 4] as const },
  { name: "b", width: 3, tokens: ["patch"] as const, grid: [2, 2] as const },
  { name: "c", width: 8, tokens: ["cls"] as const, grid: [4, 4] as const },
];

/** Students by name. */
export const students: { readonly [name: string]: StudentConfig } = {
  ladder: transformer({}),
  source: transformer({ source: "c" }),
  top: transformer({ kind: "top" }),
  projector: transformer({ kind: "transformer", heads: 2 }),
  masked: { ...transformer({}), tokenMask: 0.5 },
  frozen: { ...transformer({ blocks: [0, 1] }), freeze: 1 },
  one_grid: transformer({ teachers: teachers.map((one) => ({ ...one, grid: [4, 4] })) }),
  registers: transformer({}, { registers: 2, layerScale: 0.1, stem: "convolution" }),
  resnet: convolutional(),
};

function transformer(ladder: object, encoder: object = {}): StudentConfig {
  return {
    encoder: { ...{ imageSize: 16, patchSize: 4, width: 8, depth: 2, heads: 2 }, ...encoder },
    ladder: { width: 8, depth: 2, grid: [4, 4], teachers, ...ladder },
  };
}

function convolutional(): StudentConfig {
  const encoder = { kind: "resnet_cifar", blocks: 1, imageSize: 16 } as const;
  const stages = encoderStages(encoder), { width, grid } = stages.at(-1)!;
  const shape = { width, depth: stages.length, grid, stages, hidden: 6, lastHidden: 7 };
  return { encoder, ladder: { ...shape, teachers, standardized: true } };
}

/** How a step is run. */
export interface StepWay {
  readonly mode?: Mode;
  /** Default 1. */
  readonly parts?: number;
  readonly recompute?: boolean;
  readonly recomputeHeads?: boolean;
  readonly balancing?: Partial<Balancing>;
  readonly standardizer?: StandardizerKind;
  /** Whether the second teacher has stopped. */
  readonly stopped?: boolean;
}

/** Gradient, report, statistics and averages of a step, in one list each. */
export async function runStep(
  student: StudentConfig,
  { mode = "eager", parts = 1, balancing, standardizer = "ema", stopped, ...memory }: StepWay,
): Promise<{ gradients: Float32Array; report: Float32Array; statistics: number[] }> {
  const random = randomStream(3), { parameters, layout } = initParameters(student, random);
  const config: StepConfig = {
    ...{ student: { ...student, ...memory }, layout, standardizer },
    input: { size: 16, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] },
    balancing: {
      ...{ kind: "teacher_drop", normalization: "matrix", level: "image", momentum: 0.9 },
      ...balancing,
    },
    optimizer: { weightDecay: 0.03, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
  };
  const tensors = { parameters, statistics: initStatistics(student.ladder.teachers) };
  const { batch, inputs } = drawStep(config, stopped);
  const run = parts > 1
    ? accumulatedGradients(config, parts, { mode, precision: "float32" })
    : compile(
      (given: typeof tensors, ofStep: typeof batch, drawn: GradientInputs) =>
        distillGradients(given, ofStep, drawn, config),
      [tensors, batch, inputs],
      { mode },
    );
  const result = await run(tensors, batch, inputs);
  const statistics: number[] = [];
  for (const tokens of Object.values(result.statistics)) {
    for (const { mean, std } of Object.values(tokens)) {
      statistics.push(...await mean.data(), ...await std.data());
    }
  }
  const gradients = await result.gradients.data<"float32">();
  const report = await result.report.data<"float32">();
  run.dispose();
  disposeTree([tensors, batch, inputs, result]);
  return { gradients, report, statistics };
}

function drawStep({ student, balancing }: StepConfig, stopped = false) {
  const random = randomStream(7), { encoder, ladder } = student;
  const normal = (name: string, shape: readonly number[]) =>
    tf.tensor(random.at(name).normal(shape.reduce((a, b) => a * b, 1)), [...shape]);
  const targets = Object.fromEntries(ladder.teachers.map(({ name, width, tokens, grid }) => {
    const [rows, columns] = grid.map((side, i) => Math.min(side, ladder.grid[i]!)) as [
      number,
      number,
    ];
    const shapes = { cls: [batchSize, width], patch: [batchSize, rows * columns, width] };
    return [
      name,
      Object.fromEntries(tokens.map((type) => [type, normal(`${name}.${type}`, shapes[type])])),
    ];
  })) as Targets;
  const images = student.freeze
    ? normal("images", [batchSize, 17, 8]) as tf.Tensor3D
    : normal("images", [batchSize, 16, 16, 3]) as tf.Tensor4D;
  const tokens = ladder.grid[0] * ladder.grid[1], kept = keptCount(tokens, student.tokenMask);
  const seen = kept < tokens &&
    drawKeptTokens({ batch: batchSize, tokens, kept }, random.at("kept"));
  const rows = batchSize * uniformRows(balancing, tokens);
  const dropPath = drawDropPath(encoder, batchSize, random.at("path"));
  const byImage = (numbers: Int32Array) =>
    tf.tensor2d(numbers, [batchSize, numbers.length / batchSize], "int32");
  const inputs: GradientInputs = {
    dropUniforms: tf.tensor2d(random.at("drop").uniform(3 * rows), [rows, 3]),
    dropProbability: tf.scalar(0.5),
    dropPath: tf.tensor3d(dropPath, [dropPath.length / (2 * batchSize), 2, batchSize]),
    standardizerWeight: tf.scalar(0.25),
    ...seen && { kept: { places: byImage(seen.places), rows: byImage(seen.rows) } },
    ...stopped && { activeTeachers: tf.tensor1d([1, 0, 1]) },
  };
  return { batch: { images, targets }, inputs };
}
