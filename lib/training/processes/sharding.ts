/**
 * Processes that keep a slice of Adam's moments each, instead of all of them (ZeRO-1): each updates its slice of the
 * parameters, and all gather the slices.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { Mode } from "../../engine/compiler/compile.ts";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { type DistillState, stateToHost } from "../../method/state.ts";
import { distillUpdate, type StepConfig, type UpdateInputs } from "../../method/step.ts";
import type { AdamState } from "../../tensors/adamw.ts";
import type { Layout } from "../../tensors/parameters.ts";
import { gatherPieces, gatherToHost, gatherWhole } from "./pieces.ts";
import { sliceLayout, sliceOf, takeSlice } from "../../tensors/slices.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";

/** What sharded processes need of their group. */
export type ShardingGroup = Pick<ProcessGroup, "rank" | "size" | "allReduce" | "allGather">;

/** The moments of one process among others, which have the rest. */
export interface Sharding {
  /** Where the tensors of the student lie in the slice of this process. */
  readonly layout: Layout;
  /** The slice of a moment that this process keeps, instead of the whole, which it takes over. */
  keep(whole: tf.Tensor1D): tf.Tensor1D;
  /**
   * Goes on with the next step, once the leader does: until then, the others give it their moments as often as it
   * asks for them.
   *
   * @throws {GroupFinished} where no step comes any more
   */
  goOn(state: DistillState): Promise<void>;
  /** Every tensor of a state by name, as `stateToHost` gives it of one process; only the leader may ask. */
  toHost(state: DistillState): Promise<Map<string, FloatTensor>>;
}

/** What the leader does next. */
const next = { step: 0, save: 1 } as const;

/** The slice of one process of a group. */
export function openSharding(group: ShardingGroup, layout: Layout): Sharding {
  const slice = sliceOf(layout.size, group);
  const announce = async (what: number) => {
    const own = tf.tensor1d([what]);
    const sum = await group.allReduce(own).finally(() => own.dispose());
    const [told] = await sum.data();
    sum.dispose();
    return told;
  };
  const moments = ({ tensors: { adam: { first, second } } }: DistillState) => [first, second];
  return {
    layout: sliceLayout(layout, slice),
    keep(whole) {
      const own = takeSlice(whole, slice);
      whole.dispose();
      return own;
    },
    async goOn(state) {
      if (group.rank === 0) return void await announce(next.step);
      while (await announce(0) === next.save) {
        for (const moment of moments(state)) {
          await gatherPieces(group, moment, (rows) => rows.dispose());
        }
      }
    },
    async toHost(state) {
      await announce(next.save);
      return await stateToHost(state, layout, (moment) => gatherToHost(group, moment));
    },
  };
}

/** A state whose moments were whole, which it takes over. */
export function keepSlices(
  { step, tensors: { adam: { first, second }, ...others } }: DistillState,
  { keep }: Pick<Sharding, "keep">,
): DistillState {
  return { step, tensors: { ...others, adam: { first: keep(first), second: keep(second) } } };
}

/**
 * The second half of a step by sharded processes, to be called like the compiled `distillUpdate` with moments and a
 * gradient that are the slice of this process. It takes over the parameters, so that no more than one copy is there.
 */
export function shardedUpdate(
  group: ShardingGroup,
  { layout, optimizer }: Pick<StepConfig, "layout" | "optimizer">,
  mode: Mode,
): {
  (
    tensors: { readonly parameters: tf.Tensor1D; readonly adam: AdamState },
    gradient: tf.Tensor1D,
    inputs: UpdateInputs,
  ): Promise<{ parameters: tf.Tensor1D; adam: AdamState }>;
  dispose(): void;
} {
  const slice = sliceOf(layout.size, group);
  const config = { layout: sliceLayout(layout, slice), optimizer };
  const update = compileLazily(
    (
      tensors: { readonly parameters: tf.Tensor1D; readonly adam: AdamState },
      gradient: tf.Tensor1D,
      inputs: UpdateInputs,
    ) => distillUpdate(tensors, gradient, inputs, config),
    { mode, name: "update of a slice", reuse: 1 },
  );
  return Object.assign(
    async (
      { parameters, adam }: { readonly parameters: tf.Tensor1D; readonly adam: AdamState },
      gradient: tf.Tensor1D,
      inputs: UpdateInputs,
    ) => {
      const own = takeSlice(parameters, slice);
      parameters.dispose();
      const updated = await update({ parameters: own, adam }, gradient, inputs)
        .finally(() => own.dispose());
      try {
        const whole = await gatherWhole(group, updated.parameters, layout.size);
        return { parameters: whole, adam: updated.adam };
      } catch (error) {
        tf.dispose(updated.adam);
        throw error;
      } finally {
        updated.parameters.dispose();
      }
    },
    { dispose: () => update.dispose() },
  );
}
