/** The first half of a step, part by part of its batch. */
import * as tf from "@tensorflow/tfjs";
import { type CompiledOnFirstCall, compileLazily } from "../../engine/compile_lazily.ts";
import type { Mode, Precision } from "../../engine/compiler/compile.ts";
import { disposeTree } from "../../engine/compiler/tree.ts";
import {
  addPart,
  finishSums,
  type GradientSums,
  initSums,
  type PartInputs,
  partOfBatch,
  weighedPart,
} from "../../method/accumulation.ts";
import type { Statistics, Targets } from "../../method/standardizers/statistics.ts";
import {
  type DistillBatch,
  type DistillGradients,
  type GradientInputs,
  type GradientTensors,
  statisticsAround,
  type StatisticsInputs,
  type StepConfig,
} from "../../method/step.ts";

/** How the functions of a step are compiled. */
interface Compilation {
  readonly mode: Mode;
  readonly precision: Precision;
}

/**
 * The sums over so many parts of a batch, one part after the other; the caller owns them.
 *
 * @returns a function of parameters, batch, the statistics that it is standardised by, and inputs
 */
export function partSums(
  config: StepConfig,
  parts: number,
  compilation: Compilation,
): CompiledOnFirstCall<[tf.Tensor1D, DistillBatch, Statistics, GradientInputs], GradientSums> {
  const add = compileLazily(
    (
      sums: GradientSums,
      parameters: tf.Tensor1D,
      batch: DistillBatch,
      before: Statistics,
      inputs: PartInputs,
    ) => addPart(sums, weighedPart({ parameters }, batch, before, inputs, config)),
    { ...compilation, name: "gradients", reuse: 1 },
  );
  const run = async (
    parameters: tf.Tensor1D,
    batch: DistillBatch,
    before: Statistics,
    inputs: GradientInputs,
  ) => {
    let sums = tf.tidy(() => initSums(config));
    try {
      for (let part = 0; part < parts; part++) {
        const own = tf.tidy(() => partOfBatch(batch, inputs, { part, parts }));
        try {
          sums = await add(sums, parameters, own.batch, before, own.inputs);
        } finally {
          disposeTree(own);
        }
      }
      return sums;
    } catch (error) {
      disposeTree(sums);
      throw error;
    }
  };
  return Object.assign(run, { dispose: () => add.dispose() });
}

/**
 * The gradients of a step, summed up over so many parts of the batch; to be called like the compiled
 * `distillGradients`.
 */
export function accumulatedGradients(
  config: StepConfig,
  parts: number,
  { mode, precision }: Compilation,
): CompiledOnFirstCall<[GradientTensors, DistillBatch, GradientInputs], DistillGradients> {
  const around = compileLazily(
    (targets: Targets, statistics: Statistics, inputs: StatisticsInputs) =>
      statisticsAround(targets, statistics, inputs, config),
    { mode: mode === "eager" ? mode : "graph", name: "statistics" },
  );
  const sumUp = partSums(config, parts, { mode, precision });
  const finish = compileLazily(
    (sums: GradientSums) => finishSums(sums, parts, config),
    { mode: mode === "eager" ? mode : "xla", name: "gradient", reuse: 1 },
  );
  async function run(
    { parameters, statistics }: GradientTensors,
    batch: DistillBatch,
    inputs: GradientInputs,
  ): Promise<DistillGradients> {
    const { before, after } = await around(batch.targets, statistics, statisticsInputs(inputs));
    let sums: GradientSums | undefined;
    try {
      sums = await sumUp(parameters, batch, before, inputs);
      return { ...await finish(sums), statistics: after };
    } catch (error) {
      disposeTree(after);
      throw error;
    } finally {
      disposeTree([before, ...sums === undefined ? [] : [sums]]);
    }
  }
  return Object.assign(run, {
    dispose: () => [around, sumUp, finish].forEach((part) => part.dispose()),
  });
}

/** Those inputs of a step that its statistics depend on. */
export function statisticsInputs(
  { standardizerWeight, activeTeachers }: GradientInputs,
): StatisticsInputs {
  // Absent rather than undefined: each key is an input of the function.
  return { standardizerWeight, ...activeTeachers && { activeTeachers } };
}
