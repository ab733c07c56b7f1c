/** The compiled functions of one run: a step in two halves, between which the guard decides. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../engine/compile_lazily.ts";
import { disposeTree, type TensorTree } from "../engine/compiler/tree.ts";
import type { DistillState } from "../method/state.ts";
import {
  type DistillBatch,
  distillGradients,
  type DistillTensors,
  distillUpdate,
  type GradientInputs,
  type GradientTensors,
  readReport,
  type StepConfig,
  type StepMeasurements,
  type UpdateInputs,
} from "../method/step.ts";
import type { StudentParameters } from "../method/student.ts";
import { patchStrideOf } from "../recipe/feature_cache.ts";
import { optimizerOf } from "../recipe/parameter_groups.ts";
import type { Layout } from "../tensors/parameters.ts";
import { accumulatedGradients } from "./memory/accumulated_gradients.ts";
import { compiledPrecision, studentMode } from "./arithmetic.ts";
import { type HostBatch, type StepInputs, uploadStepInputs } from "./batch.ts";
import type { PrefixSource } from "./prefix.ts";
import { sharedGradients, type Sums } from "./processes/shared_gradients.ts";
import { shardedUpdate, type ShardingGroup } from "./processes/sharding.ts";
import { studentOf } from "./resolution.ts";
import { type TrainingSetup, viewsOf } from "./setup.ts";
import { type LazyViews, lazyViews } from "./lazy_views.ts";
import type { TargetSource } from "./targets.ts";

/** A batch on the engine whose views and targets are computed, or are being computed. */
export interface PreparedBatch {
  readonly host: HostBatch;
  /** Settles when views and targets are there. */
  readonly ready: Promise<DistillBatch>;
  readonly inputs: StepInputs;
}

/** A batch's gradient and all that it was computed from; disposing of it frees all but the state. */
export interface StepGradients extends Disposable {
  /** From before the step; borrowed. */
  readonly state: DistillState;
  /** Names of teachers that do not count. */
  readonly stopped: readonly string[];
  readonly host: HostBatch;
  readonly batch: DistillBatch;
  /** `[size]`; of sharded processes, the slice of this one. */
  readonly gradient: tf.Tensor1D;
  readonly measurements: StepMeasurements;
  readonly learningRate: tf.Scalar;
  /** Hands over the statistics and averages with this batch taken in: the caller owns them. */
  takeStatistics(): Pick<DistillTensors, "statistics" | "averages">;
}

/** What the steps of a run need of the processes that share them. */
export type StepGroup = Sums & ShardingGroup;

/** The compiled functions of one run. */
export interface Trainer {
  /**
   * Begins with the views and targets of a batch. They do not depend on the student, so they are
   * computed beside the step before: neither fills two cores by itself.
   *
   * @param stopped names of teachers that see nothing more
   */
  prepare(batch: HostBatch, stopped?: readonly string[]): PreparedBatch;
  /** Frees a batch that no step will take. */
  discard(batch: PreparedBatch): Promise<void>;
  /**
   * The first half of a step. It borrows the state and takes over the batch; dispose of the result.
   *
   * @param stopped names of teachers that count no more, of a recipe whose balancing has a `stop`
   */
  gradients(
    state: DistillState,
    batch: PreparedBatch,
    stopped?: readonly string[],
  ): Promise<StepGradients>;
  /**
   * The second half of a step. It takes over the state that the gradients were computed from, whose memory
   * becomes that of the new one; where it throws, the state is lost.
   *
   * @param update its number from 1, for Adam's bias correction
   */
  update(step: StepGradients, update: number): Promise<DistillState>;
  dispose(): void;
}

/**
 * Compiles the three parts of a step, each in the mode that suits it: views and teachers as a graph
 * (XLA's convolutions are slow on CPUs, and beside the step before a graph is the faster for
 * transformers too), student and gradients as the recipe says, and the update, which XLA fuses.
 *
 * @param group of processes that share every batch. Default: this one takes all of it
 */
export function makeTrainer(
  setup: TrainingSetup,
  layout: Layout<StudentParameters>,
  targets: TargetSource,
  prefix?: PrefixSource,
  group?: StepGroup,
): Trainer {
  const { teachers } = setup.student.ladder;
  const { views, gradientsAt, update, isSlice, dispose } = compiledParts(setup, layout, group);
  return {
    prepare(host, stopped) {
      const inputs = uploadStepInputs(setup, host);
      const drawn = lazyViews(setup.images.canvas, host, views);
      const ready = prepareBatch(drawn, host, { targets, prefix, stopped });
      // Whoever takes the batch gets the error; until then it must not end the process.
      ready.catch(() => {});
      return { host, inputs, ready };
    },
    async discard({ ready, inputs }) {
      tf.dispose([inputs, await ready.catch(() => [])]);
    },
    async gradients(state, { host, ready, inputs }, stopped = []) {
      const owned = new Set<TensorTree>([inputs]);
      const dispose = () => {
        disposeTree([...owned]);
        owned.clear();
      };
      try {
        const batch = await ready;
        owned.add(batch);
        const { parameters, statistics, averages } = state.tensors;
        const active = setup.recipe.balancing.stop &&
          tf.tensor1d(teachers.map(({ name }) => stopped.includes(name) ? 0 : 1));
        if (active) owned.add(active);
        const { gradients: gradient, report, ...after } = await gradientsAt(host.size)(
          // Averages are absent rather than undefined: each key is an input of the function.
          { parameters, statistics, ...averages && { averages } },
          batch,
          // Absent rather than undefined, too.
          { ...inputs.gradientInputs, ...active && { activeTeachers: active } },
        );
        owned.add(gradient).add(report).add(after);
        const measurements = readReport(await report.data(), teachers);
        return {
          ...{ state, stopped, host, batch, gradient, measurements },
          learningRate: inputs.learningRate,
          takeStatistics() {
            owned.delete(after);
            return after;
          },
          [Symbol.dispose]: dispose,
        };
      } catch (error) {
        dispose();
        throw error;
      }
    },
    async update(step, number) {
      const { tensors } = step.state;
      const { parameters, adam } = tensors;
      const updateNumber = tf.scalar(number);
      // A slice does not show the norm of the whole.
      const gradientNorm = isSlice ? tf.scalar(step.measurements.gradientNorm) : undefined;
      try {
        const updated = await update({ parameters, adam }, step.gradient, {
          learningRate: step.learningRate,
          update: updateNumber,
          ...gradientNorm && { gradientNorm },
        });
        const after = step.takeStatistics();
        disposeTree(tensors);
        return { step: step.state.step + 1, tensors: { ...updated, ...after } };
      } finally {
        updateNumber.dispose();
        gradientNorm?.dispose();
      }
    },
    dispose: () => [{ dispose }, targets, prefix].forEach((part) => part?.dispose()),
  };
}

/** The targets of a batch, and what the student takes: its views, or what the frozen stages give of them. */
export async function prepareBatch(
  drawn: LazyViews,
  host: Pick<HostBatch, "view" | "indices" | "size">,
  { targets, prefix, stopped }: {
    readonly targets: TargetSource;
    readonly prefix: PrefixSource | undefined;
    readonly stopped: readonly string[] | undefined;
  },
): Promise<DistillBatch> {
  let ofBatch: DistillBatch["targets"] | undefined;
  try {
    ofBatch = await targets.compute(drawn.get, host, stopped);
    if (prefix === undefined) return { images: await drawn.get(), targets: ofBatch };
    const images = await prefix.compute(drawn.get, host);
    await drawn.dispose();
    return { images, targets: ofBatch };
  } catch (error) {
    tf.dispose(ofBatch ?? {});
    await drawn.dispose();
    throw error;
  }
}

/** Those of gradients by the size of the student's images. */
function compiledParts(
  setup: TrainingSetup,
  layout: Layout<StudentParameters>,
  group?: StepGroup,
) {
  const mode = studentMode(setup.recipe), precision = compiledPrecision(setup.recipe);
  const eager = mode === "eager";
  const { accumulate: parts = 1, sharded = false } = setup.recipe.optimization;
  const compileWhole = (config: StepConfig) =>
    compileLazily(
      (tensors: GradientTensors, batch: DistillBatch, inputs: GradientInputs) =>
        distillGradients(tensors, batch, inputs, config),
      { mode, precision, name: "gradients" },
    );
  const compileGradients = (config: StepConfig) => {
    if (group !== undefined) {
      return sharedGradients(config, group, { mode, precision, inParts: parts, sharded });
    }
    return parts > 1
      ? accumulatedGradients(config, parts, { mode, precision })
      : compileWhole(config);
  };
  const gradients = new Map<number, ReturnType<typeof compileGradients>>();
  // Always in full precision: bfloat16 is too coarse for colours.
  const views = compileLazily(viewsOf(setup), { mode: eager ? "eager" : "graph", name: "views" });
  const config = stepConfig(setup, layout);
  const fused = eager ? "eager" : "xla";
  const wholeUpdate = () =>
    compileLazily(
      (
        tensors: Pick<DistillTensors, "parameters" | "adam">,
        gradient: tf.Tensor1D,
        inputs: UpdateInputs,
      ) => distillUpdate(tensors, gradient, inputs, config),
      { mode: fused, name: "update", reuse: 1 },
    );
  const isSlice = group !== undefined && sharded;
  const update = isSlice ? shardedUpdate(group, config, fused) : wholeUpdate();
  return {
    ...{ views, update, isSlice },
    gradientsAt(size: number) {
      const compiled = gradients.get(size) ?? compileGradients(stepConfig(setup, layout, size));
      gradients.set(size, compiled);
      return compiled;
    },
    dispose: () => [views, update, ...gradients.values()].forEach((part) => part.dispose()),
  };
}

/**
 * The constants of a step, from the recipe.
 *
 * @param size height and width in pixels of the student's images; default: its own
 */
export function stepConfig(
  setup: Pick<TrainingSetup, "recipe" | "student">,
  layout: Layout<StudentParameters>,
  size?: number,
): StepConfig {
  const { recipe } = setup;
  return {
    ...studentOf(setup, size),
    layout,
    balancing: recipe.balancing,
    patchStride: patchStrideOf(recipe),
    standardizer: recipe.standardizer.kind,
    // Absent where there is none.
    ...recipe.standardizer.leastDeviation && { leastDeviation: recipe.standardizer.leastDeviation },
    optimizer: optimizerOf(recipe),
  };
}
