/**
 * One of the processes whose memory `bench state` measures: it shares a state, then takes two updates from a made-up
 * gradient, and prints a {@linkcode StateMemory} as JSON. Its argument is a {@linkcode StateTask}, its environment
 * says which rank it is.
 */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../engine/backend.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { disposeTree } from "../../engine/compiler/tree.ts";
import { groupPlace } from "../../engine/collectives/group_place.ts";
import { joinGroup, type ProcessGroup } from "../../engine/collectives/process_group.ts";
import { initState } from "../../method/state.ts";
import { type DistillTensors, distillUpdate, type UpdateInputs } from "../../method/step.ts";
import { studentLayout } from "../../method/student.ts";
import { slicedExchange, wholeExchange } from "../../training/processes/exchanges.ts";
import { receiveState, shareState } from "../../training/processes/shared_state.ts";
import { keepSlices, openSharding, shardedUpdate } from "../../training/processes/sharding.ts";
import { freshGuard } from "../../training/guard/policy.ts";
import { highWaterMark } from "../measured_process.ts";
import { stepConfigOf, studentOf, type TransformerSetting } from "../step_setting.ts";

/** What a process is asked to do. */
export interface StateTask {
  readonly setting: TransformerSetting;
  readonly sharded: boolean;
}

/** Memory of one process, in bytes. */
export interface StateMemory {
  /** Tensors of the engine that are there between two steps. */
  readonly tensors: number;
  /** Resident memory between two steps, above that of the engine and its group. */
  readonly resident: number;
  /** Highest resident memory, above the same. */
  readonly peak: number;
}

if (import.meta.main) {
  const task: StateTask = JSON.parse(Deno.args[0] ?? "{}");
  await startEngine();
  const place = groupPlace((name) => Deno.env.get(name));
  const group = place && await joinGroup(place, { differences: () => [] });
  await group?.start({});
  const memory = await measure(task, group);
  if (group !== undefined && group.rank > 0) await group.untilEnd();
  else await group?.finish();
  console.log(JSON.stringify(memory));
}

async function measure(
  { setting, sharded }: StateTask,
  group: ProcessGroup | undefined,
): Promise<StateMemory> {
  const student = studentOf(setting), layout = studentLayout(student);
  const config = stepConfigOf(student, layout);
  const before = Deno.memoryUsage().rss, tensorsBefore = tf.memory().numBytes;
  const sharding = group && sharded ? openSharding(group, layout) : undefined;
  /** Made by the engine: what the host draws would lie there until garbage is collected. */
  const waves = (scale: number) =>
    tf.tidy(() => tf.mul<tf.Tensor1D>(tf.sin(tf.range(0, layout.size)), scale));
  const shape = { ...student.ladder, standardizer: "ema", averages: false } as const;
  const begin = async () => {
    if (group !== undefined && group.rank > 0) {
      return (await receiveState(group, layout, shape, sharding?.keep)).state;
    }
    const state = initState(waves(0.02), shape);
    if (group !== undefined) await shareState(group, state, { guard: freshGuard });
    return sharding === undefined ? state : keepSlices(state, sharding);
  };
  let { tensors } = await begin();
  const exchange = group &&
    (sharded ? slicedExchange(group, { mode: "xla" }) : wholeExchange(group, layout.size));
  const update = group && sharded ? shardedUpdate(group, config, "xla") : compileLazily(
    (
      state: Pick<DistillTensors, "parameters" | "adam">,
      gradient: tf.Tensor1D,
      inputs: UpdateInputs,
    ) => distillUpdate(state, gradient, inputs, config),
    { mode: "xla", name: "update", reuse: 1 },
  );
  const numbers = () => tf.zeros<tf.Rank.R1>([1 + 4 * student.ladder.teachers.length]);
  for (const step of [1, 2]) {
    const sums = exchange === undefined ? { gradients: waves(1e-3) } : await exchange.sum(
      tf.tidy(() => exchange.pack({ gradients: waves(1e-3), numbers: numbers() })),
    );
    const { gradients } = tf.tidy(() =>
      exchange === undefined ? sums : { ...exchange.unpack(sums) }
    ) as { readonly gradients: tf.Tensor1D };
    const inputs = { learningRate: tf.scalar(1e-3), update: tf.scalar(step) };
    const { parameters, adam, ...others } = tensors;
    const updated = await update({ parameters, adam }, gradients, inputs);
    disposeTree([parameters, adam, inputs, gradients, sums]);
    tensors = { ...updated, ...others };
  }
  return {
    tensors: tf.memory().numBytes - tensorsBefore,
    resident: Deno.memoryUsage().rss - before,
    peak: highWaterMark() - before,
  };
}
