/** Functions of a batch of images that take it in parts, so that the activations of one part at a time are there. */
import * as tf from "@tensorflow/tfjs";
import type { TensorTree } from "../../engine/compiler/compile.ts";
import { disposeTree, leavesOf, structureOf, treeOf } from "../../engine/compiler/tree.ts";

/**
 * A function of images `[batch, …]` that calls another one on so many equal parts of them, and joins what it
 * gives along the first axis.
 *
 * @param parts divides the batch
 */
export function inParts<O extends TensorTree>(
  compute: (images: tf.Tensor4D) => Promise<O>,
  parts: number,
): (images: tf.Tensor4D) => Promise<O> {
  if (parts === 1) return compute;
  return async (images) => {
    const count = images.shape[0] / parts, done: O[] = [];
    try {
      for (let part = 0; part < parts; part++) {
        const own = tf.slice(images, [part * count], [count]);
        try {
          done.push(await compute(own));
        } finally {
          own.dispose();
        }
      }
      return tf.tidy(() => joinParts(done) as O & tf.TensorContainer);
    } finally {
      disposeTree(done);
    }
  };
}

function joinParts<O extends TensorTree>(parts: readonly O[]): O {
  const structure = structureOf(parts[0]!);
  const leaves = parts.map((part) => leavesOf(part, structure));
  return treeOf(
    structure,
    leaves[0]!.map((_, i) => tf.concat(leaves.map((ofPart) => ofPart[i]!.tensor), 0)),
  ) as O;
}
