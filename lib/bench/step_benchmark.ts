/** The distillation step on random data, for timing it in several ways of running it. */
import * as tf from "@tensorflow/tfjs";
import { initState } from "../method/state.ts";
import {
  type DistillBatch,
  distillGradients,
  type DistillTensors,
  distillUpdate,
  type GradientInputs,
  type StepConfig,
  type UpdateInputs,
} from "../method/step.ts";
import { compile, type Compiled, type Mode, type Precision } from "../engine/compiler/compile.ts";
import { disposeTree } from "../engine/compiler/tree.ts";
import { countOperations } from "../metrics/costs/operations.ts";
import { flatten, type Layout, layoutOf } from "../tensors/parameters.ts";
import { type RandomStream, randomStream } from "../tensors/random.ts";
import type { Targets } from "../method/standardizers/statistics.ts";
import { initStudent, type StudentConfig, type StudentParameters } from "../method/student.ts";
import { drawDropPath } from "../method/drop_path.ts";
import { keptPatches } from "../method/token_selection.ts";
import { encoderStages } from "../nn/encoder.ts";
import { supervisedGrid } from "../nn/token_grid.ts";
import { type BenchSetting, stepConfigOf, studentOf } from "./step_setting.ts";

/** How a step is run. */
export interface StepVariant {
  readonly gradients: Mode;
  readonly update: Mode;
  readonly precision: Precision;
  /** A step with the same inputs and outputs that computes nothing, to time the host alone. */
  readonly empty?: true;
}

/** The ways that are timed; updates are bound by memory, hence always fused by XLA but in eager mode. */
export const stepVariants = {
  eager: { gradients: "eager", update: "eager", precision: "float32" },
  graph: { gradients: "graph", update: "xla", precision: "float32" },
  xla: { gradients: "xla", update: "xla", precision: "float32" },
  bf16: { gradients: "graph", update: "xla", precision: "bfloat16" },
  empty: { gradients: "graph", update: "graph", precision: "float32", empty: true },
} as const satisfies { readonly [name: string]: StepVariant };

/** A step that can be timed. All ways of running it advance one common state. */
export interface StepBenchmark {
  /** Floating-point operations in the matrix products of a step, in units of 10^9. */
  gflopPerStep(): Promise<number>;
  /** Compiles the step in one of its variants. */
  prepare(variant: StepVariant): TimedStep;
  dispose(): void;
}

/** What a step computed. */
export interface StepNumbers {
  readonly loss: number;
  readonly gradientNorm: number;
}

/** One compiled step; a call runs it once and reads its report. */
export interface TimedStep {
  (): Promise<{ readonly milliseconds: number } & StepNumbers>;
  dispose(): void;
}

type GradientTensors = Pick<DistillTensors, "parameters" | "statistics">;
type UpdateTensors = Pick<DistillTensors, "parameters" | "adam">;

/** A step that is timed. */
export interface BenchStep {
  /** Images of the step. */
  readonly batch: number;
  readonly student: StudentConfig;
  /** The constants of the step. */
  config(layout: Layout<StudentParameters>): StepConfig;
}

/** Makes the step of a setting. The engine must have been started. */
export function makeStepBenchmark(setting: BenchSetting): StepBenchmark {
  const student = studentOf(setting), { batch } = setting;
  return benchmarkOf({ batch, student, config: (layout) => stepConfigOf(student, layout) });
}

/** Makes a step on random data. The engine must have been started. */
export function benchmarkOf(step: BenchStep): StepBenchmark {
  const { student } = step, random = randomStream(0);
  const tree = initStudent(student, random.at("student"));
  const layout = layoutOf(tree), config = step.config(layout);
  const { batch, gradientInputs, updateInputs } = drawInputs(step, config, random);
  const initial = tf.tidy(() => flatten(tree, layout));
  let tensors = initState(initial, { ...student.ladder, averages: false }).tensors;
  disposeTree(tree);

  function prepare(variant: StepVariant): TimedStep {
    const functions = variant.empty ? emptyFunctions(config) : stepFunctions(config);
    const { parameters, adam, statistics } = tensors;
    const gradients = compile(
      functions.gradients,
      [{ parameters, statistics }, batch, gradientInputs],
      { mode: variant.gradients, precision: variant.precision },
    );
    const update = compile(
      functions.update,
      [{ parameters, adam }, parameters, updateInputs],
      { mode: variant.update, reuse: 1 },
    );
    async function run() {
      const start = performance.now();
      const numbers = await takeStep(gradients, update);
      return { milliseconds: performance.now() - start, ...numbers };
    }
    return Object.assign(run, { dispose: () => [gradients, update].forEach((f) => f.dispose()) });
  }

  async function takeStep(
    gradients: Compiled<[GradientTensors, DistillBatch, GradientInputs], Gradients>,
    update: Compiled<[UpdateTensors, tf.Tensor1D, UpdateInputs], Update>,
  ): Promise<StepNumbers> {
    const { parameters, adam, statistics } = tensors;
    const computed = await gradients({ parameters, statistics }, batch, gradientInputs);
    const updated = await update({ parameters, adam }, computed.gradients, updateInputs);
    const [loss = NaN, gradientNorm = NaN] = await computed.report.data();
    tf.dispose([computed.gradients, computed.report]);
    disposeTree(tensors);
    tensors = { ...updated, statistics: computed.statistics };
    return { loss, gradientNorm };
  }

  return {
    prepare,
    async gflopPerStep() {
      const { gradients } = stepFunctions(config);
      return await countOperations(() => gradients(tensors, batch, gradientInputs)) / 1e9;
    },
    dispose: () => disposeTree([tensors, batch, gradientInputs, updateInputs]),
  };
}

type Gradients = ReturnType<typeof distillGradients>;
type Update = ReturnType<typeof distillUpdate>;

/** The two halves of a step, as functions of tensors only. */
interface StepFunctions {
  gradients(tensors: GradientTensors, batch: DistillBatch, inputs: GradientInputs): Gradients;
  update(tensors: UpdateTensors, gradients: tf.Tensor1D, inputs: UpdateInputs): Update;
}

function stepFunctions(config: StepConfig): StepFunctions {
  return {
    gradients: (tensors, batch, inputs) => distillGradients(tensors, batch, inputs, config),
    update: (tensors, gradients, inputs) => distillUpdate(tensors, gradients, inputs, config),
  };
}

/** Functions that return their inputs, so that only the work around a compiled step is timed. */
function emptyFunctions({ student }: StepConfig): StepFunctions {
  const teachers = student.ladder.teachers.length;
  return {
    gradients: ({ parameters, statistics }) => ({
      gradients: parameters,
      statistics,
      report: tf.zeros<tf.Rank.R1>([2 + 4 * teachers]),
    }),
    update: ({ parameters, adam }) => ({ parameters, adam }),
  };
}

export function drawInputs(
  { batch }: Pick<BenchStep, "batch">,
  { student, patchStride = 1 }: StepConfig,
  random: RandomStream,
) {
  const { encoder, ladder } = student, { teachers } = ladder;
  const normal = (name: string, shape: readonly number[]) =>
    tf.tensor(random.at(name).normal(shape.reduce((a, b) => a * b, 1)), [...shape]);
  const targets = Object.fromEntries(teachers.map(({ name, width, tokens, grid }) => {
    const patches = keptPatches(supervisedGrid(ladder.grid, grid), patchStride).length;
    const shapes = { cls: [batch, width], patch: [batch, patches, width] };
    return [
      name,
      Object.fromEntries(tokens.map((type) => [type, normal(`${name}.${type}`, shapes[type])])),
    ];
  })) as Targets;
  const images = normal("images", inputShape(student, batch)) as tf.Tensor4D;
  const uniforms = random.at("teacherDrop").uniform(batch * teachers.length);
  const dropPath = drawDropPath(encoder, batch, random.at("dropPath"));
  return {
    batch: { images, targets },
    gradientInputs: {
      dropUniforms: tf.tensor2d(uniforms, [batch, teachers.length]),
      dropPath: tf.tensor3d(dropPath, [dropPath.length / (2 * batch), 2, batch]),
      dropProbability: tf.scalar(0.5),
      standardizerWeight: tf.scalar(0.5),
    },
    updateInputs: { learningRate: tf.scalar(3e-4), update: tf.scalar(1) },
  };
}

/** Images, or what the frozen stages of a convolutional student give of them. */
function inputShape({ encoder, freeze = 0 }: StudentConfig, batch: number): readonly number[] {
  const prefix = encoderStages(encoder)[freeze - 1];
  const { imageSize } = encoder;
  return prefix === undefined
    ? [batch, imageSize, imageSize, 3]
    : [batch, ...prefix.grid, prefix.width];
}
