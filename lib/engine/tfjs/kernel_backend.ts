import type * as tf from "@tensorflow/tfjs";
import type { Attribute } from "../ffi/attributes.ts";
import type { Binding } from "./binding.ts";
import type { TensorRecord } from "./recorder.ts";

/** The part of tfjs-node-gpu's `NodeJSKernelBackend` that the engine uses. */
export interface KernelBackend extends tf.KernelBackend {
  readonly binding: Binding;
  createOutputTensor(record: TensorRecord): tf.Tensor;
  executeSingleOutput(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
}

type KernelBackendClass = new (binding: Binding, packageName: string) => KernelBackend & {
  readonly tensorMap: { get(dataId: tf.DataId): { values: unknown } };
};

/**
 * tfjs writes a tensor's values to TensorFlow when an op first uses it. If that happens while a
 * function is being traced, values written before belong outside of the graph.
 */
export function tracingBackend(Base: unknown): new (binding: Binding) => KernelBackend {
  return class TensorFlowBackend extends (Base as KernelBackendClass) {
    private written = new WeakSet<tf.DataId>();

    constructor(binding: Binding) {
      super(binding, "@tensorflow/tfjs-node-gpu");
    }

    override write(
      values: tf.backend_util.BackendValues,
      shape: number[],
      dtype: tf.DataType,
    ): tf.DataId {
      const dataId = super.write(values, shape, dtype);
      if (this.binding.trace !== undefined) this.written.add(dataId);
      return dataId;
    }

    override getInputTensorIds(tensors: readonly tf.Tensor[]): number[] {
      const { trace } = this.binding;
      if (trace === undefined) return super.getInputTensorIds(tensors);
      for (const tensor of tensors) {
        const pending = tensor.dataId !== undefined && !this.written.has(tensor.dataId) &&
          this.tensorMap.get(tensor.dataId).values !== null;
        if (!pending) continue;
        this.binding.trace = undefined;
        try {
          super.getInputTensorIds([tensor]);
        } finally {
          this.binding.trace = trace;
        }
      }
      return super.getInputTensorIds(tensors);
    }
  };
}
