import * as tf from "@tensorflow/tfjs";
import type { Layout } from "../tensors/parameters.ts";
import type { StudentParameters } from "../method/student.ts";
import { type BatchTensors, type HostBatch, uploadBatch } from "./batch.ts";
import { disposeTree, type TensorTree } from "../engine/compiler/tree.ts";
import { compileLazily } from "../engine/compile_lazily.ts";
import { imagenetNormalization } from "../images/normalize.ts";
import type { TrainingSetup } from "./setup.ts";
import type { DistillState } from "../method/state.ts";
import {
  type DistillBatch,
  distillGradients,
  type DistillTensors,
  distillUpdate,
  type GradientInputs,
  readReport,
  type StepConfig,
  type StepMeasurements,
  type UpdateInputs,
} from "../method/step.ts";
import type { TargetSource } from "./targets.ts";
import { patchStrideOf } from "../recipe/feature_cache.ts";
import { viewsOf } from "./setup.ts";

/** A batch on the engine whose views and targets are computed, or are being computed. */
export interface PreparedBatch {
  readonly host: HostBatch;
  /** Settles when views and targets are there. */
  readonly ready: Promise<DistillBatch>;
  readonly inputs: BatchTensors;
}

/** The compiled functions of one run. */
export interface Trainer {
  /**
   * Begins with the views and targets of a batch. They do not depend on the student, so they are
   * computed beside the step before: neither fills two cores by itself.
   */
  prepare(batch: HostBatch): PreparedBatch;
  /** Frees a batch that no step will take. */
  discard(batch: PreparedBatch): Promise<void>;
  /**
   * One step: takes over the old state and the batch, and gives the new state. Where it throws, the
   * old state stays the caller's.
   */
  step(state: DistillState, batch: PreparedBatch, judge: Judge): Promise<TrainedStep>;
  dispose(): void;
}

/** What a step gives. */
export interface TrainedStep {
  readonly state: DistillState;
  readonly measurements: StepMeasurements;
  /** Why nothing was updated. */
  readonly incident?: string;
}

/** A step between its two halves; its tensors are borrowed. */
export interface HalfStep {
  readonly state: DistillState;
  readonly host: HostBatch;
  readonly batch: DistillBatch;
  readonly gradient: tf.Tensor1D;
  readonly measurements: StepMeasurements;
}

/** Decides over an update: its 1-based number, or why there is none and which tensors to go on with. */
export type Judge = (step: HalfStep) => Promise<Verdict>;

/** Without `tensors` those from before the step stay. */
export type Verdict =
  | { readonly update: number }
  | { readonly incident: string; readonly tensors?: DistillTensors };

/**
 * Compiles the three parts of a step, each in the mode that suits it: views and teachers as a graph
 * (XLA's convolutions are slow on CPUs, and beside the step before a graph is the faster for
 * transformers too), student and gradients as the recipe says, and the update, which XLA fuses.
 */
export function makeTrainer(
  setup: TrainingSetup,
  layout: Layout<StudentParameters>,
  targets: TargetSource,
): Trainer {
  const { recipe } = setup;
  const config = stepConfig(setup, layout);
  const eager = recipe.mode === "eager";
  const { precision } = recipe;
  const views = compileLazily(viewsOf(setup), {
    mode: eager ? "eager" : "graph",
    // Always in full precision: bfloat16 is too coarse for colours.
    name: "views",
  });
  const gradients = compileLazily(
    (
      tensors: Pick<DistillTensors, "parameters" | "statistics" | "averages">,
      batch: DistillBatch,
      inputs: GradientInputs,
    ) => distillGradients(tensors, batch, inputs, config),
    { mode: recipe.mode, precision, name: "gradients" },
  );
  const update = compileLazily(
    (
      tensors: Pick<DistillTensors, "parameters" | "adam">,
      gradient: tf.Tensor1D,
      inputs: UpdateInputs,
    ) => distillUpdate(tensors, gradient, inputs, config),
    { mode: eager ? "eager" : "xla", name: "update" },
  );
  return {
    prepare(host) {
      const inputs = uploadBatch(setup, host);
      const ready = views(inputs.pixels, inputs.augmentation).then(async (images) => {
        try {
          return { images, targets: await targets.compute(images, host) };
        } catch (error) {
          images.dispose();
          throw error;
        }
      });
      // Told to whoever takes the batch; until then it must not end the process.
      ready.catch(() => {});
      return { host, inputs, ready };
    },
    async discard({ ready, inputs }) {
      tf.dispose([inputs, await ready.catch(() => [])]);
    },
    async step(state, { host, ready, inputs }, judge) {
      const { parameters, adam, statistics, averages } = state.tensors;
      const scratch = new Set<TensorTree>([inputs]);
      try {
        const batch = await ready;
        scratch.add(batch);
        const { gradients: gradient, report, ...after } = await gradients(
          { parameters, statistics, ...averages && { averages } },
          batch,
          inputs.gradientInputs,
        );
        scratch.add(gradient).add(report).add(after);
        const measurements = readReport(await report.data(), config.student.ladder.teachers);
        const verdict = await judge({ state, host, batch, gradient, measurements });
        const step = state.step + 1;
        if ("incident" in verdict) {
          const { incident, tensors = state.tensors } = verdict;
          if (tensors !== state.tensors) scratch.add(state.tensors);
          return { state: { step, tensors }, measurements, incident };
        }
        const number = tf.scalar(verdict.update);
        scratch.add(number);
        const { learningRate } = inputs;
        const updated = await update({ parameters, adam }, gradient, {
          learningRate,
          update: number,
        });
        scratch.delete(after);
        scratch.add(state.tensors);
        return { state: { step, tensors: { ...updated, ...after } }, measurements };
      } finally {
        disposeTree([...scratch]);
      }
    },
    dispose: () => [views, targets, gradients, update].forEach((part) => part.dispose()),
  };
}

/** The constants of a step, from the recipe. */
export function stepConfig(
  { recipe, student }: TrainingSetup,
  layout: Layout<StudentParameters>,
): StepConfig {
  return {
    student,
    layout,
    normalization: imagenetNormalization,
    balancing: recipe.balancing,
    patchStride: patchStrideOf(recipe),
    standardizer: recipe.standardizer.kind,
    optimizer: recipe.optimization,
  };
}
