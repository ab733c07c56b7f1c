/** Tests of the native engine run where TensorFlow can be had and skip elsewhere. */
import { startEngine } from "../../lib/engine/backend.ts";
import type { Binding } from "../../lib/engine/tfjs/binding.ts";
import { selectedTensorFlow } from "../../lib/engine/tfjs/tensorflow.ts";

/** The running TensorFlow, seen from below tfjs. */
export interface RunningTensorFlow {
  readonly binding: Binding;
  /** Number of tensors that TensorFlow holds now. */
  liveHandles(): number;
}

await startEngine();
const binding = selectedTensorFlow()?.binding;

/** Registers a test that needs TensorFlow. */
export function testWithTensorFlow(
  name: string,
  run: (tensorflow: RunningTensorFlow) => void | Promise<void>,
): void {
  Deno.test({
    name: binding === undefined ? `${name} (skipped: no TensorFlow on this machine)` : name,
    ignore: binding === undefined,
    fn: () => run({ binding: binding!, liveHandles: () => binding!.runtime.live }),
  });
}
