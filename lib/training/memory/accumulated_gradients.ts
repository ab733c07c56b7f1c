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
} from "../../method/accumulation.ts";
import type { Statistics, Targets } from "../../method/standardizers/statistics.ts";
import {
  type DistillBatch,
  type DistillGradients,
  type GradientInputs,
  type GradientTensors,
  statisticsAround,
  type StepConfig,
} from "../../method/step.ts";

/**
 * The gradients of a step, summed up over so many parts of the batch; to be called like the compiled
 * `distillGradients`.
 */
export function accumulatedGradients(
  config: StepConfig,
  parts: number,
  { mode, precision }: { readonly mode: Mode; readonly precision: Precision },
): CompiledOnFirstCall<[GradientTensors, DistillBatch, GradientInputs], DistillGradients> {
  const around = compileLazily(
    (
      targets: Targets,
      statistics: Statistics,
      inputs: Pick<GradientInputs, "standardizerWeight" | "activeTeachers">,
    ) => statisticsAround(targets, statistics, inputs, config),
    { mode: mode === "eager" ? mode : "graph", name: "statistics" },
  );
  const add = compileLazily(
    (
      sums: GradientSums,
      parameters: tf.Tensor1D,
      batch: DistillBatch,
      before: Statistics,
      inputs: PartInputs,
    ) => addPart(sums, { parameters }, batch, before, inputs, config),
    { mode, precision, name: "gradients", reuse: 1 },
  );
  const finish = compileLazily(
    (sums: GradientSums) => finishSums(sums, parts, config),
    { mode: mode === "eager" ? mode : "xla", name: "gradient", reuse: 1 },
  );
  async function run(
    { parameters, statistics }: GradientTensors,
    batch: DistillBatch,
    inputs: GradientInputs,
  ): Promise<DistillGradients> {
    const { standardizerWeight, activeTeachers } = inputs;
    const { before, after } = await around(batch.targets, statistics, {
      standardizerWeight,
      // Absent rather than undefined: each key is an input of the function.
      ...activeTeachers && { activeTeachers },
    });
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
      return { ...await finish(sums), statistics: after };
    } catch (error) {
      disposeTree(after);
      throw error;
    } finally {
      disposeTree([sums, before]);
    }
  }
  return Object.assign(run, { dispose: () => [around, add, finish].forEach((f) => f.dispose()) });
}
