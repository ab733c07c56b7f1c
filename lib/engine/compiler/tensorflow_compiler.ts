/** The compiler of the TensorFlow backend: a function becomes a graph, and the graph one op. */
import type * as tf from "@tensorflow/tfjs";
import { selectedTensorFlow } from "../tfjs/tensorflow.ts";
import type { KernelBackend } from "../tfjs/kernel_backend.ts";
import { type NativeCompiler, registerCompiler } from "./compile.ts";
import { record, refuseWithin, withBinding } from "./record.ts";

/** Makes `compile` compile wherever TensorFlow is tfjs's backend. */
export function registerTensorFlowCompiler(): void {
  registerCompiler(() => {
    const backend = selectedTensorFlow();
    return backend === undefined ? undefined : tensorFlowCompiler(backend);
  });
}

function tensorFlowCompiler(backend: KernelBackend): NativeCompiler {
  return {
    compile(fn, examples, options) {
      const { native, structure, operations } = record(backend, fn, examples, options);
      const { runtime } = backend.binding;
      async function run(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
        refuseWithin(backend, options.name);
        const handles = backend.getInputTensorIds([...inputs]).map((id) => runtime.get(id));
        const outputs = await native.run(
          handles,
          () => inputs.forEach((tensor, i) => options.reused?.has(i) && tensor.dispose()),
        );
        return outputs.map((handle) => backend.createOutputTensor(handle));
      }
      return { run, structure, operations, dispose: () => native.dispose() };
    },
    inPrecision: (precision, body) => withBinding(backend, { precision }, body),
  };
}
