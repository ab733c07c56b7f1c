/** A network as it runs in deployment. */
import * as tf from "@tensorflow/tfjs";
import { type CompiledOnFirstCall, compileLazily } from "../../engine/compile_lazily.ts";
import type { Backbone } from "../../teachers/backbone.ts";

/** Images `[batch, canvas, canvas, 3]` in [0, 1] to one row of features for each, `[batch, width]`. */
export type CompiledNetwork = CompiledOnFirstCall<[pixels: tf.Tensor4D], tf.Tensor2D>;

/**
 * Compiles a network for the first batch size that it is called with. The features of an image are its
 * CLS token, else the mean of its patches.
 */
export function compileNetwork(backbone: Backbone): CompiledNetwork {
  return compileLazily((pixels: tf.Tensor4D) => {
    const { cls, patch } = backbone.features(pixels);
    return cls ?? tf.mean<tf.Tensor2D>(patch!, 1);
  }, { mode: backbone.mode ?? "graph", name: `deployment of ${backbone.name}` });
}

/** Runs a network on images of zeros, until its result is there. */
export async function runNetwork(
  network: CompiledNetwork,
  { images, canvas }: { readonly images: number; readonly canvas: number },
): Promise<void> {
  const pixels = tf.zeros<tf.Rank.R4>([images, canvas, canvas, 3]);
  const output = await network(pixels);
  await output.data();
  tf.dispose([pixels, output]);
}
