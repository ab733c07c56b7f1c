import * as tf from "@tensorflow/tfjs";
import { AttributeType } from "../ffi/attributes.ts";
import { DataType } from "../ffi/data_types.ts";
import type { KernelBackend } from "./kernel_backend.ts";

const channelsLast = { name: "data_format", type: AttributeType.string, value: "NHWC" };

/** TensorFlow's ops that make gradients quick and tfjs has no kernel for, with inputs and attributes. */
const kernels = {
  // From the gradient of an activation's output and that output.
  ReluGrad: { inputs: ["dy", "y"], attributes: [] },
  Relu6Grad: { inputs: ["dy", "y"], attributes: [] },
  // A sum that TensorFlow computes with the convolution before it, and its gradient: over all axes but the last.
  BiasAdd: { inputs: ["x", "bias"], attributes: [channelsLast] },
  BiasAddGrad: { inputs: ["dy"], attributes: [channelsLast] },
  // Half the sum of squares, in one pass.
  L2Loss: { inputs: ["x"], attributes: [] },
} as const;

/** Registers {@link kernels} on tfjs, so that functions of tensors find them by their name. */
export function registerNativeKernels(backendName: string): void {
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
