/** The loop that fits a small head to frozen tokens. */
import * as tf from "@tensorflow/tfjs";
import { compile, type Compiled } from "../../engine/compiler/compile.ts";
import { valueAndGradient } from "../../tensors/gradient.ts";
import { type AdamState, adamW, initAdam } from "../../tensors/adamw.ts";
import {
  flatten,
  type Layout,
  layoutOf,
  type Parameters,
  unflatten,
} from "../../tensors/parameters.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { cosineSchedule } from "../../tensors/schedules.ts";
import { UserError } from "../../errors/user_error.ts";

/** Options of a fit by AdamW, at a learning rate that falls to 0 along a cosine. */
export interface HeadOptions {
  /** Updates. Default 300. */
  readonly steps?: number | undefined;
  /** Images in a step. Default 8. */
  readonly batchSize?: number | undefined;
  /** Of the first update. Default 0.005. */
  readonly learningRate?: number | undefined;
  /** Of matrices. Default 1e-4. */
  readonly weightDecay?: number | undefined;
  /** Called after every update. */
  readonly onStep?: ((step: number, loss: number) => void) | undefined;
}

/** Tensors that a step learns from. */
export type HeadBatch = { readonly [name: string]: tf.Tensor };

/** Tensors that an update changes. */
type HeadState = { readonly parameters: tf.Tensor1D; readonly adam: AdamState };
/** Scalars that differ from one update to the next. */
type HeadRates = { readonly learningRate: tf.Scalar; readonly step: tf.Scalar };
type HeadUpdate = HeadState & { readonly value: tf.Scalar };

/**
 * Fits a head to images, each of which comes once in every pass.
 *
 * @param initial where it begins; freed.
 * @param loss of a batch; pure.
 * @param batchAt gathers the images at some places; always equally many.
 * @returns the fitted parameters, owned by the caller.
 * @throws {UserError} where the loss does not stay finite.
 */
export async function fitHead<P extends Parameters, B extends HeadBatch>(
  initial: P,
  loss: (parameters: P, batch: B) => tf.Scalar,
  batchAt: (places: Uint32Array) => B,
  options: HeadOptions & { readonly images: number; readonly random: RandomStream },
): Promise<P> {
  const { images, random, steps = 300, learningRate: start = 0.005 } = options;
  const batchSize = Math.min(options.batchSize ?? 8, images);
  const layout = layoutOf(initial);
  let state: HeadState = {
    parameters: tf.tidy(() => flatten(initial, layout)),
    adam: initAdam(layout),
  };
  tf.dispose(initial);
  const update = headUpdate(loss, layout, options.weightDecay ?? 1e-4);
  const placesOf = batchesInTurn(images, batchSize, random);
  let compiled: Compiled<[HeadState, B, HeadRates], HeadUpdate> | undefined;
  try {
    for (let step = 0; step < steps; step++) {
      const batch = batchAt(placesOf(step));
      const inputs = {
        learningRate: tf.scalar(cosineSchedule({ step, steps, start, end: 0 })),
        step: tf.scalar(step + 1),
      };
      compiled ??= compile(update, [state, batch, inputs], { mode: "graph", name: "head" });
      const { value, ...next } = await compiled(state, batch, inputs);
      const [loss = NaN] = await value.data<"float32">();
      tf.dispose([state, batch, inputs, value]);
      state = next;
      if (!Number.isFinite(loss)) throw diverged(step, start);
      options.onStep?.(step + 1, loss);
    }
    return tf.tidy(() => unflatten(state.parameters, layout));
  } finally {
    tf.dispose(state);
    compiled?.dispose();
  }
}

/** One update of AdamW, pure. */
function headUpdate<P extends Parameters, B extends HeadBatch>(
  loss: (parameters: P, batch: B) => tf.Scalar,
  layout: Layout<P>,
  weightDecay: number,
): (state: HeadState, batch: B, rates: HeadRates) => HeadUpdate {
  return ({ parameters: flat, adam }, batch, rates) => {
    const { value, gradient } = valueAndGradient(
      (parameters) => ({ value: loss(parameters, batch), others: {} }),
      flat,
      layout,
    );
    const settings = { layout, weightDecay, beta2: 0.999 };
    const { parameters, state } = adamW(flat, gradient, adam, rates, settings);
    return { parameters, adam: state, value };
  };
}

/** The images of a step: every pass shows each once, but for a rest that fills no batch. */
function batchesInTurn(
  images: number,
  batchSize: number,
  random: RandomStream,
): (step: number) => Uint32Array {
  const perPass = Math.floor(images / batchSize);
  return (step) => {
    const order = random.at("order", Math.floor(step / perPass)).permutation(images);
    const from = (step % perPass) * batchSize;
    return order.slice(from, from + batchSize);
  };
}

function diverged(step: number, learningRate: number): UserError {
  return new UserError(
    `Cannot fit a head: its loss is not finite after ${step} updates at the learning rate ` +
      `${learningRate}. Give a lower one.`,
  );
}
