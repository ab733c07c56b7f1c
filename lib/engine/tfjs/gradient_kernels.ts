import * as tf from "@tensorflow/tfjs";
import { AttributeType } from "../ffi/attributes.ts";
import { DataType } from "../ffi/data_types.ts";
import type { KernelBackend } from "./kernel_backend.ts";

/** TensorFlow's ops of gradients that tfjs has no kernel for, each with its inputs and attributes. */
const kernels = {
  // From the gradient of an activation's output and that output.
  ReluGrad: { inputs: ["dy", "y"], attributes: [] },
  Relu6Grad: { inputs: ["dy", "y"], attributes: [] },
  // The sum over all axes but the last.
  BiasAddGrad: {
    inputs: ["dy"],
    attributes: [{ name: "data_format", type: AttributeType.string, value: "NHWC" }],
  },
} as const;

/** Registers {@link kernels} on tfjs, so that functions of tensors find them by their name. */
export function registerGradientKernels(backendName: string): void {
  const type = { name: "T", type: AttributeType.type, value: DataType.float32 };
  for (const [kernelName, { inputs: names, attributes }] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend }) =>
        (backend as KernelBackend).executeSingleOutput(
          kernelName,
          [type, ...attributes],
          names.map((name) => inputs[name] as tf.Tensor),
        ),
    });
  }
}
