/** The gradient of a batch that the processes of a group share, in the place of one process's own. */
import type * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { Mode } from "../../engine/compiler/compile.ts";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { Precision } from "../../engine/tfjs/precision.ts";
import { mergeParts, partialGradients, tokenCounts } from "../../method/batch_parts.ts";
import type {
  DistillBatch,
  DistillGradients,
  GradientInputs,
  GradientTensors,
  StepConfig,
} from "../../method/step.ts";

/**
 * Gradients of a whole batch, of which this process sees its part: one sum over all processes a step.
 *
 * @param group part of it that this process takes: its rank
 */
export function sharedGradients(
  config: StepConfig,
  group: Pick<ProcessGroup, "rank" | "size" | "allReduce">,
  options: { readonly mode: Mode; readonly precision: Precision },
): {
  (
    tensors: GradientTensors,
    batch: DistillBatch,
    inputs: GradientInputs,
  ): Promise<DistillGradients>;
  dispose(): void;
} {
  const { size } = group;
  const part = compileLazily(
    (tensors: GradientTensors, batch: DistillBatch, inputs: GradientInputs) =>
      partialGradients(tensors, batch, inputs, config, group),
    { ...options, name: "part of the gradients" },
  );
  const compileMerge = (counts: ReturnType<typeof tokenCounts>) =>
    compileLazily(
      (
        sum: tf.Tensor1D,
        tensors: Pick<GradientTensors, "statistics">,
        inputs: Pick<GradientInputs, "standardizerWeight">,
      ) => mergeParts(sum, tensors, inputs, config, { size, counts }),
      { mode: options.mode === "eager" ? "eager" : "xla", name: "merged gradients" },
    );
  let merge: ReturnType<typeof compileMerge> | undefined;
  const run = async (tensors: GradientTensors, batch: DistillBatch, inputs: GradientInputs) => {
    merge ??= compileMerge(tokenCounts(batch.targets));
    const own = await part(tensors, batch, inputs);
    const sum = await group.allReduce(own).finally(() => own.dispose());
    const { statistics } = tensors, { standardizerWeight } = inputs;
    try {
      return await merge(sum, { statistics }, { standardizerWeight });
    } finally {
      sum.dispose();
    }
  };
  return Object.assign(run, {
    dispose() {
      part.dispose();
      merge?.dispose();
    },
  });
}
