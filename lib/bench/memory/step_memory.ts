/** Memory of the halves of a step, each way of running it in a process of its own. */
import * as tf from "@tensorflow/tfjs";
import { fileURLToPath } from "node:url";
import { startEngine } from "../../engine/backend.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { disposeTree } from "../../engine/compiler/tree.ts";
import { initState } from "../../method/state.ts";
import {
  type DistillBatch,
  distillGradients,
  type DistillTensors,
  distillUpdate,
  type GradientInputs,
  type GradientTensors,
  type UpdateInputs,
} from "../../method/step.ts";
import { studentLayout } from "../../method/student.ts";
import { randomStream } from "../../tensors/random.ts";
import { accumulatedGradients } from "../../training/memory/accumulated_gradients.ts";
import { highWaterMark, measureInProcess } from "../measured_process.ts";
import { drawInputs } from "../step_benchmark.ts";
import { stepConfigOf, studentOf, type TransformerSetting } from "../step_setting.ts";

/** A half of a step, and how it is run. */
export type MemoryWay =
  | {
    readonly half: "update";
    /** Whether the new state takes the memory of the old one. */
    readonly inPlace: boolean;
  }
  | {
    readonly half: "gradients";
    readonly mode: "graph" | "xla";
    readonly parts: number;
    readonly recompute: boolean;
    readonly recomputeHeads: boolean;
  };

/** What one way needs. */
export interface StepMemory {
  /** Numbers of the student and its projectors. */
  readonly parameters: number;
  /** Resident memory when state and batch are there and nothing is compiled, in bytes. */
  readonly before: number;
  /** Highest resident memory. */
  readonly peak: number;
  /** Of the second of two runs. */
  readonly seconds: number;
}

/** Measures one way. */
export function measureStepMemory(
  setting: TransformerSetting,
  way: MemoryWay,
): Promise<StepMemory> {
  const request = JSON.stringify({ setting, way });
  return measureInProcess<StepMemory>(fileURLToPath(import.meta.url), request);
}

async function measure(
  { setting, way }: { readonly setting: TransformerSetting; readonly way: MemoryWay },
): Promise<StepMemory> {
  await startEngine();
  const student = { ...studentOf(setting), ...way.half === "gradients" && way };
  const random = randomStream(0), layout = studentLayout(student);
  // Made by the engine: what the host draws would lie there until garbage is collected.
  const parameters = tf.tidy(() => {
    const places = tf.range(0, layout.size);
    return tf.mul<tf.Tensor1D>(tf.sin(places), 0.02);
  });
  const config = stepConfigOf(student, layout);
  const { tensors } = initState(parameters, { ...student.ladder, averages: false });
  const { batch, gradientInputs, updateInputs } = drawInputs(setting, config, random);
  const before = Deno.memoryUsage().rss;
  const times = way.half === "update"
    ? await updates(tensors, updateInputs, way.inPlace)
    : await gradients(tensors, batch, gradientInputs, way);
  return { parameters: layout.size, before, peak: highWaterMark(), seconds: times.at(-1)! };

  async function updates(start: DistillTensors, inputs: UpdateInputs, inPlace: boolean) {
    const update = compileLazily(
      (
        state: Pick<DistillTensors, "parameters" | "adam">,
        gradient: tf.Tensor1D,
        given: UpdateInputs,
      ) => distillUpdate(state, gradient, given, config),
      { mode: "xla", name: "update", ...inPlace && { reuse: 1 } },
    );
    const gradient = tf.tidy(() => tf.mul<tf.Tensor1D>(start.parameters, 0.01));
    let state = { parameters: start.parameters, adam: start.adam };
    return await timed(async () => {
      const next = await update(state, gradient, inputs);
      disposeTree(state);
      state = next;
    });
  }

  async function gradients(
    { parameters, statistics }: GradientTensors,
    ofStep: DistillBatch,
    inputs: GradientInputs,
    { mode, parts }: MemoryWay & { readonly half: "gradients" },
  ) {
    const compute = parts > 1
      ? accumulatedGradients(config, parts, { mode, precision: "float32" })
      : compileLazily(
        (given: GradientTensors, batch: DistillBatch, drawn: GradientInputs) =>
          distillGradients(given, batch, drawn, config),
        { mode, name: "gradients" },
      );
    return await timed(async () =>
      disposeTree(await compute({ parameters, statistics }, ofStep, inputs))
    );
  }
}

/** Seconds of two runs; the first compiles. */
async function timed(run: () => Promise<void>): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i < 2; i++) {
    const begun = performance.now();
    await run();
    seconds.push((performance.now() - begun) / 1000);
  }
  return seconds;
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(JSON.parse(Deno.args[0] ?? "{}"))));
}
