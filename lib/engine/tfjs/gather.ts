import * as tf from "@tensorflow/tfjs";
import { AttributeType } from "../ffi/attributes.ts";
import { DataType } from "../ffi/data_types.ts";
import type { KernelBackend } from "./kernel_backend.ts";

/**
 * Puts a `tf.gather` in place of tfjs-node-gpu's that does not read its indices, so that it can be
 * compiled and does not wait for the device. TensorFlow itself refuses indices out of range, except
 * on a GPU, where they give zeros.
 */
export function registerGather(backendName: string): void {
  if (tf.getKernel("GatherV2", backendName) !== undefined) {
    tf.unregisterKernel("GatherV2", backendName);
  }
  tf.registerKernel({
    kernelName: "GatherV2",
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, indices } = inputs as { x: tf.Tensor; indices: tf.Tensor };
      const { axis, batchDims } = attrs as { axis: number; batchDims: number };
      tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
      const where = tf.scalar(axis, "int32");
      const result = (backend as KernelBackend).executeSingleOutput("GatherV2", [
        { name: "batch_dims", type: AttributeType.int, value: batchDims },
        { name: "Tparams", type: AttributeType.type, value: DataType[x.dtype] },
        { name: "Tindices", type: AttributeType.type, value: DataType[indices.dtype] },
        { name: "Taxis", type: AttributeType.type, value: DataType.int32 },
      ], [x, indices, where]);
      where.dispose();
      return result;
    },
  });
}
