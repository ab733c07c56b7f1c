/** The smallest step that the bench times, and the engine as it sees it. */
import type { Engine } from "../../lib/engine/backend.ts";
import type { TransformerSetting } from "../../lib/bench/step_setting.ts";

/** A transformer of two blocks. */
export const tiny: TransformerSetting = {
  ...{ batch: 3, imageSize: 8, patchSize: 4, width: 8, depth: 2, heads: 2 },
  ...{ hidden: 6, lastHidden: 10, teachers: 2, teacherWidth: 5 },
};

/** An engine of TensorFlow's kind with so many live tensors. */
export function engineWith(liveTensors: () => number): Engine {
  return {
    ...{ backend: "tensorflow", version: "2", library: null, devices: [] },
    ...{ compiles: true, tensorFloat32: false, liveTensors, returnFreedMemory() {} },
  };
}
