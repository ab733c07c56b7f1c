/** A network as a deployed model: images in, one row of features out. */
import * as tf from "@tensorflow/tfjs";
import type { Teacher } from "../teachers/teacher.ts";
import { compileOnFirstCall } from "./compile_on_first_call.ts";

/** Compiled for the first batch size that it is called with; an image gives its CLS token, else the mean of its patches. */
export function compileNetwork(network: Teacher) {
  return compileOnFirstCall((pixels: tf.Tensor4D) => {
    const { cls, patch } = network.features(pixels);
    return cls ?? tf.mean<tf.Tensor2D>(patch!, 1);
  }, { mode: network.mode ?? "graph", name: `deployment of ${network.name}` });
}
