import "./node_compatibility.ts";
import * as tf from "@tensorflow/tfjs";
import { hideBanner } from "./banner.ts";
import { Binding } from "./binding.ts";
import { registerFilterGradient } from "./filter_gradient.ts";
import { registerGather } from "./gather.ts";
import { registerNativeKernels } from "./native_kernels.ts";
import { type KernelBackend, tracingBackend } from "./kernel_backend.ts";
import { Runtime } from "../ffi/runtime.ts";
import { quietly } from "../ffi/quiet.ts";

/** The name under which tfjs knows the backend. */
export const backendName = "tensorflow";

/** An opened TensorFlow library with its context. */
export interface TensorFlow {
  /** The native interface that tfjs-node-gpu's `NodeJSKernelBackend` runs on. */
  readonly binding: Binding;
  /** TensorFlow's version, such as `2.21.0`. */
  readonly version: string;
  /** Names of the devices, such as `/job:localhost/replica:0/task:0/device:CPU:0`. */
  readonly devices: readonly string[];
  /** See `Engine.tensorFloat32`; undefined where this build has no switch. */
  tensorFloat32: boolean | undefined;
  /** Number of tensors that TensorFlow holds now. */
  liveHandles(): number;
  /** Gives memory that was freed back to the system, where the C library can. */
  returnFreedMemory(): void;
  /** Frees all tensors and the context. */
  close(): void;
}

/**
 * Opens TensorFlow's two libraries and makes a context. The start-up messages of TensorFlow and
 * its libraries are kept off the terminal unless `verbose`.
 */
export function openTensorFlow(
  paths: { framework: string; library: string },
  options: { verbose?: boolean } = {},
): TensorFlow {
  preferOneDnn();
  const runtime = quietly(() => new Runtime(paths), options.verbose ?? false);
  const binding = new Binding(runtime);
  return {
    binding,
    version: runtime.version,
    devices: runtime.devices,
    get tensorFloat32() {
      return runtime.c.tensorFloat32Enabled?.();
    },
    set tensorFloat32(on) {
      runtime.c.enableTensorFloat32?.(on ?? false);
    },
    liveHandles: () => runtime.live,
    returnFreedMemory: () => void runtime.c.trimHeap?.(0n),
    close: () => runtime.close(),
  };
}

/**
 * On x86-64 TensorFlow leaves it to the processor's age whether oneDNN computes; left alone, the same
 * run would have other bits, and less speed, on an older one. It reads this when the library loads.
 */
function preferOneDnn(): void {
  if (Deno.build.arch !== "x86_64" || Deno.env.get("TF_ENABLE_ONEDNN_OPTS") !== undefined) return;
  Deno.env.set("TF_ENABLE_ONEDNN_OPTS", "1");
}

/** Registers tfjs-node-gpu's kernels on an opened TensorFlow and makes it tfjs's backend. */
export async function registerTensorFlowBackend(tensorflow: TensorFlow): Promise<void> {
  const module = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  const Backend = tracingBackend(module.NodeJSKernelBackend);
  tf.registerBackend(backendName, () => new Backend(tensorflow.binding), 3);
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  registerFilterGradient(backendName);
  registerGather(backendName);
  registerNativeKernels(backendName);
  hideBanner();
  await tf.setBackend(backendName);
  await tf.ready();
}

/** tfjs's backend, where TensorFlow is the one that is selected. */
export function selectedTensorFlow(): KernelBackend | undefined {
  return tf.getBackend() === backendName ? tf.backend() as KernelBackend : undefined;
}
