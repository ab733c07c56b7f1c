import type * as tf from "@tensorflow/tfjs";
import { type CompiledOnFirstCall, compileLazily } from "./compile_lazily.ts";
import type { TensorTree } from "./compiler/compile.ts";

/**
 * A function of images `[batch, …]` that is compiled once for each size of batch: a process that shares batches with
 * others may see whole ones before the first step.
 */
export function compileByBatch<O extends TensorTree>(
  fn: (images: tf.Tensor4D) => O,
  options: Parameters<typeof compileLazily>[1],
): CompiledOnFirstCall<[tf.Tensor4D], O> {
  const bySize = new Map<number, CompiledOnFirstCall<[tf.Tensor4D], O>>();
  function run(images: tf.Tensor4D): Promise<O> {
    const [size] = images.shape;
    const compiled = bySize.get(size) ?? compileLazily(fn, options);
    bySize.set(size, compiled);
    return compiled(images);
  }
  return Object.assign(run, { dispose: () => bySize.forEach((compiled) => compiled.dispose()) });
}
