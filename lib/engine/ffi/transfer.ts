/** Values between the host and TensorFlow. */
import { AttributeType } from "./attributes.ts";
import { cName } from "./c_api.ts";
import { DataType } from "./data_types.ts";
import { executeEagerly } from "./eager.ts";
import { readHostTensor, withHostTensor } from "./host_tensors.ts";
import type { HostValues } from "./host_values.ts";
import type { Handle, Runtime } from "./runtime.ts";

/** Copies values to TensorFlow, and to the accelerator where there is one. */
export function upload(
  runtime: Runtime,
  shape: readonly number[],
  dtype: number,
  values: unknown,
): Handle {
  if (dtype === DataType.string) return uploadStrings(runtime, shape, values);
  const { c, status, context, accelerator } = runtime;
  const pointer = withHostTensor(
    c,
    { shape, dtype, values },
    (tensor) => c.TFE_NewTensorHandle(tensor, status),
  );
  runtime.check("Cannot make a tensor");
  // GPU kernels expect int32 tensors in host memory.
  if (accelerator === undefined || dtype === DataType.int32) return runtime.adopt(pointer);
  const copy = c.TFE_TensorHandleCopyToDevice(pointer, context, cName(accelerator), status);
  c.TFE_DeleteTensorHandle(pointer);
  runtime.check(`Cannot copy a tensor to ${accelerator}`);
  return runtime.adopt(copy);
}

/** Copies byte strings to TensorFlow by an op, so that TensorFlow owns and frees them. */
function uploadStrings(runtime: Runtime, shape: readonly number[], values: unknown): Handle {
  const { c, status } = runtime;
  return withHostTensor(c, { shape, dtype: DataType.string, values }, (tensor) => {
    const view = runtime.adopt(c.TFE_NewTensorHandle(tensor, status));
    try {
      const attributes = [{ name: "N", type: AttributeType.int, value: 1 }];
      return executeEagerly(runtime, "StringJoin", attributes, [view.id], 1)[0]!;
    } finally {
      runtime.delete(view.id);
    }
  });
}

/** Copies a tensor's values to the host. */
export function download(runtime: Runtime, id: number): HostValues {
  const { c, status } = runtime;
  const { pointer, dtype } = runtime.get(id);
  const tensor = c.TFE_TensorHandleResolve(pointer, status);
  runtime.check("Cannot read a tensor");
  try {
    return readHostTensor(c, tensor, dtype);
  } finally {
    c.TF_DeleteTensor(tensor);
  }
}
