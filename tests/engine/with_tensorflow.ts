/**
 * Tests of the native engine run where TensorFlow's libraries are at hand (a folder named by
 * `HASHIGO_TENSORFLOW`) and skip elsewhere.
 */
import { openTensorFlow, registerTensorFlowBackend } from "../../lib/engine/tensorflow.ts";
import type { TensorFlow } from "../../lib/engine/tensorflow.ts";

const folder = Deno.env.get("HASHIGO_TENSORFLOW");
const suffix = Deno.build.os === "darwin" ? ".2.dylib" : ".so.2";

async function open(folder: string): Promise<TensorFlow> {
  const tensorflow = openTensorFlow({
    framework: `${folder}/libtensorflow_framework${suffix}`,
    library: `${folder}/libtensorflow_cc${suffix}`,
  });
  await registerTensorFlowBackend(tensorflow);
  return tensorflow;
}

const opened = folder === undefined ? undefined : await open(folder);

/** Registers a test that needs TensorFlow. */
export function testWithTensorFlow(
  name: string,
  run: (tensorflow: TensorFlow) => void | Promise<void>,
): void {
  Deno.test({
    name: opened === undefined ? `${name} (skipped: HASHIGO_TENSORFLOW is not set)` : name,
    ignore: opened === undefined,
    fn: () => run(opened!),
  });
}
