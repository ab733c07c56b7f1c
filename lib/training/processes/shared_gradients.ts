/** The gradient of a batch that the processes of a group share, in the place of one process's own. */
import type * as tf from "@tensorflow/tfjs";
import { type CompiledOnFirstCall, compileLazily } from "../../engine/compile_lazily.ts";
import type { Mode } from "../../engine/compiler/compile.ts";
import { disposeTree } from "../../engine/compiler/tree.ts";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { Precision } from "../../engine/tfjs/precision.ts";
import { type GradientSums, weighedPart } from "../../method/accumulation.ts";
import {
  mergeParts,
  momentsOfPart,
  partOfStep,
  statisticsOfParts,
  type TokenCounts,
  tokenCounts,
} from "../../method/batch_parts.ts";
import type { Statistics, Targets } from "../../method/standardizers/statistics.ts";
import {
  type DistillBatch,
  type DistillGradients,
  type GradientInputs,
  type GradientTensors,
  type StatisticsInputs,
  statisticsWith,
  type StepConfig,
} from "../../method/step.ts";
import { partSums, statisticsInputs } from "../memory/accumulated_gradients.ts";
import { type Parcel, slicedExchange, wholeExchange } from "./exchanges.ts";

/** The sums that a step is shared by. */
export type Sums = Pick<ProcessGroup, "rank" | "size" | "allReduce" | "allToAll">;

/**
 * Gradients of a whole batch, of which this process sees its part.
 *
 * @param group part of it that this process takes: its rank
 * @param options inParts: one after the other, in which this process takes its part; sharded: whether it gets no
 * more than its slice of the gradient
 */
export function sharedGradients(
  config: StepConfig,
  group: Sums,
  { mode, precision, inParts, sharded }: {
    readonly mode: Mode;
    readonly precision: Precision;
    readonly inParts: number;
    readonly sharded: boolean;
  },
): CompiledOnFirstCall<[GradientTensors, DistillBatch, GradientInputs], DistillGradients> {
  const { rank, size } = group;
  const fused = mode === "eager" ? "eager" : "xla";
  const exchange = sharded
    ? slicedExchange(group, { mode })
    : wholeExchange(group, config.layout.size);
  const packed = (sums: GradientSums, targets: Targets) =>
    exchange.pack(partOfStep(sums, targets, config, { rank, size, inParts }));
  const atOnce = compileLazily(
    (
      { parameters }: Pick<GradientTensors, "parameters">,
      batch: DistillBatch,
      before: Statistics,
      inputs: GradientInputs,
    ) => packed(weighedPart({ parameters }, batch, before, inputs, config), batch.targets),
    { mode, precision, name: "part of the gradients" },
  );
  const sumUp = partSums(config, inParts, { mode, precision });
  const pack = compileLazily(packed, { mode: fused, name: "part of the gradients", reuse: 1 });
  const partOf = async (
    parameters: tf.Tensor1D,
    batch: DistillBatch,
    before: Statistics,
    inputs: GradientInputs,
  ): Promise<Parcel> => {
    if (inParts === 1) return await atOnce({ parameters }, batch, before, inputs);
    const sums = await sumUp(parameters, batch, before, inputs);
    return await pack(sums, batch.targets).finally(() => disposeTree(sums));
  };
  let counts: TokenCounts = {};
  const merge = compileLazily(
    (sum: Parcel, statistics: Statistics, inputs: StatisticsInputs) =>
      mergeParts(exchange.unpack(sum), statistics, inputs, config, { size, counts }),
    { mode: fused, name: "merged gradients" },
  );
  const moments = compileLazily(
    (targets: Targets) => momentsOfPart(targets, group),
    { mode: mode === "eager" ? mode : "graph", name: "moments" },
  );
  const around = compileLazily(
    (sum: tf.Tensor1D, statistics: Statistics, inputs: StatisticsInputs) =>
      statisticsWith(
        statisticsOfParts(sum, config, { size, counts }),
        statistics,
        inputs,
        config,
      ),
    { mode: fused, name: "statistics" },
  );
  /** Of the whole batch, which its losses wait for. */
  const batchStatistics = async (
    targets: Targets,
    statistics: Statistics,
    inputs: StatisticsInputs,
  ) => {
    const own = await moments(targets);
    const sum = await group.allReduce(own).finally(() => own.dispose());
    return await around(sum, statistics, inputs).finally(() => sum.dispose());
  };
  async function run(
    { parameters, statistics }: GradientTensors,
    batch: DistillBatch,
    inputs: GradientInputs,
  ): Promise<DistillGradients> {
    counts = tokenCounts(batch.targets);
    const ofStatistics = statisticsInputs(inputs);
    const ofBatch = config.standardizer === "batch"
      ? await batchStatistics(batch.targets, statistics, ofStatistics)
      : undefined;
    const { before, after } = ofBatch ?? { before: statistics, after: statistics };
    let sum: Parcel | undefined;
    try {
      sum = await exchange.sum(await partOf(parameters, batch, before, inputs));
      return await merge(sum, after, ofStatistics);
    } finally {
      disposeTree([...sum ? [sum] : [], ...ofBatch ? [ofBatch] : []]);
    }
  }
  return Object.assign(run, {
    dispose: () =>
      [atOnce, sumUp, pack, merge, moments, around, exchange].forEach((part) => part.dispose()),
  });
}
