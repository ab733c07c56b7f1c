/** How what the processes of a group computed of their parts becomes that of the whole batch. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { Mode } from "../../engine/compiler/compile.ts";
import type { PartOfStep } from "../../method/batch_parts.ts";
import { slicesOf } from "../../tensors/slices.ts";
import { sumSlices } from "./pieces.ts";

/** What is given to the other processes. */
export type Parcel = { readonly [name: string]: tf.Tensor };

/** The sums over all parts; of sharded processes, a slice of the gradient, and the squares of all of it. */
export type PartSums = PartOfStep & { readonly squares?: tf.Scalar };

/** A way to sum up over all processes. `pack` and `unpack` belong into compiled functions. */
export interface Exchange {
  pack(part: PartOfStep): Parcel;
  /**
   * Sums up over all processes.
   *
   * @param parcel taken over
   */
  sum(parcel: Parcel): Promise<Parcel>;
  unpack(sum: Parcel): PartSums;
  dispose(): void;
}

/** One sum of one vector, so that every process has the whole gradient. */
export function wholeExchange(
  { allReduce }: Pick<ProcessGroup, "allReduce">,
  size: number,
): Exchange {
  return {
    pack: ({ gradients, numbers }) => ({ vector: tf.concat1d([gradients, numbers]) }),
    async sum({ vector }) {
      return { vector: await allReduce(vector as tf.Tensor1D).finally(() => vector!.dispose()) };
    },
    unpack({ vector }) {
      const [gradients, numbers] = tf.split(vector!, [size, vector!.size - size]);
      return { gradients: gradients as tf.Tensor1D, numbers: numbers as tf.Tensor1D };
    },
    dispose() {},
  };
}

/**
 * Every process gets the slices of all gradients that are its own to sum up, always in the order of the ranks; the
 * few numbers beside them are summed up by all, with the squares of the slices for the norm of the whole.
 */
export function slicedExchange(
  group: Pick<ProcessGroup, "size" | "allReduce" | "allToAll">,
  { mode }: { readonly mode: Mode },
): Exchange {
  const withSquares = compileLazily(
    (numbers: tf.Tensor1D, gradients: tf.Tensor1D) =>
      tf.concat1d([numbers, tf.sum(tf.square(gradients)).as1D()]),
    { mode: mode === "eager" ? "eager" : "xla", name: "squares of a slice" },
  );
  return {
    pack: ({ gradients, numbers }) => ({ rows: slicesOf(gradients, group.size), numbers }),
    async sum({ rows, numbers }) {
      const gradients = await sumSlices(group, rows as tf.Tensor2D)
        .finally(() => rows!.dispose());
      try {
        const own = await withSquares(numbers as tf.Tensor1D, gradients);
        const all = await group.allReduce(own).finally(() => own.dispose());
        return { gradients, numbers: all };
      } catch (error) {
        gradients.dispose();
        throw error;
      } finally {
        numbers!.dispose();
      }
    },
    unpack({ gradients, numbers }) {
      const [own, squares] = tf.split(numbers!, [numbers!.size - 1, 1]);
      return {
        gradients: gradients as tf.Tensor1D,
        numbers: own as tf.Tensor1D,
        squares: tf.reshape<tf.Rank.R0>(squares!, []),
      };
    },
    dispose: () => withSquares.dispose(),
  };
}
