/** A group of processes that compute as one. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../backend.ts";
import type { Pointer } from "../ffi/c_api.ts";
import { cName } from "../ffi/c_api.ts";
import { selectedTensorFlow } from "../tfjs/tensorflow.ts";
import { UserError } from "../../errors/user_error.ts";
import { CollectiveRuntime } from "./collective_runtime.ts";
import { openAsFollower } from "./follower.ts";
import { GroupFinished } from "./group_end.ts";
import type { Environment, GroupPlace } from "./group_place.ts";
import { type GroupLimits, groupLimits } from "./limits.ts";
import { openAsLeader } from "./leader.ts";
import { isLoopback, type Meeting } from "./meeting.ts";

/** A process among those of its group. */
export interface ProcessGroup {
  /** From 0, which leads. */
  readonly rank: number;
  /** Processes. */
  readonly size: number;
  /**
   * Waits until all processes have opened what they need, and starts the servers between them. It is called again
   * for every further run that the group shares, by the servers of the first.
   *
   * @param facts JSON that the leader compares with its own
   * @throws {GroupFailure} naming the process that is missing, or has something else
   */
  start(facts: unknown): Promise<void>;
  /**
   * The sum of a tensor over all processes, of the same bits at each of them.
   *
   * @param values `[size]`, borrowed
   * @throws {GroupFailure} naming the process that is missing
   * @throws {GroupFinished} where the leader has done the group's work
   */
  allReduce(values: tf.Tensor1D): Promise<tf.Tensor1D>;
  /**
   * Row r of every process, at rank r: what is summed up there is a reduce-scatter.
   *
   * @param values `[processes, rowSize]`, borrowed
   * @returns `[processes, rowSize]`, rows by the rank that gave them
   */
  allToAll(values: tf.Tensor2D): Promise<tf.Tensor2D>;
  /**
   * The tensors of all processes one after the other, at each of them, bit for bit.
   *
   * @param values `[size]`, borrowed
   * @returns `[processes * size]`
   */
  allGather(values: tf.Tensor1D): Promise<tf.Tensor1D>;
  /**
   * The leader's tensor at every process, bit for bit.
   *
   * @param values `[size]`, borrowed; the others need no more than its size
   */
  broadcast(values: tf.Tensor1D | { readonly size: number }): Promise<tf.Tensor1D>;
  /** The leader's word at every process, as JSON; that of the others is ignored. It waits for all to have come. */
  say(word: unknown): Promise<unknown>;
  /**
   * Waits for the end of the group.
   *
   * @throws {GroupFailure} where its work is not done
   */
  untilEnd(): Promise<void>;
  /** Ends the group for all: its work is done, or cannot be. */
  finish(): Promise<void>;
  /** Ends the group for all, with the reason. */
  fail(reason: string): Promise<void>;
}

/** Options of {@linkcode joinGroup}. */
export interface JoinOptions {
  /** Differences between what another process and what the leader gives to `start`, as lines. */
  readonly differences: (theirs: unknown, own: unknown, rank: number) => readonly string[];
  readonly onNote?: ((line: string) => void) | undefined;
  readonly environment?: Environment | undefined;
}

/**
 * Joins a group of processes: the leader listens, the others wait for it. TensorFlow's collectives carry the
 * tensors, over gRPC, which is not encrypted.
 *
 * @throws {UserError} where the port is in use, the leader does not start in time or refuses this process, or the
 * engine is not TensorFlow
 */
export async function joinGroup(place: GroupPlace, options: JoinOptions): Promise<ProcessGroup> {
  const { differences, onNote = () => {}, environment = (name) => Deno.env.get(name) } = options;
  const { backend } = await startEngine();
  if (backend !== "tensorflow") {
    throw new UserError(
      `Cannot join a group of processes on the backend ${backend}: its collectives are TensorFlow's. ` +
        "Run one process, or see deno task doctor for what TensorFlow needs",
    );
  }
  const limits = groupLimits(environment);
  const key = environment("HASHIGO_GROUP_KEY") ?? "";
  const now = () => performance.now();
  const meetingOptions = { place, limits, key, onNote, now };
  const meeting = place.rank === 0
    ? await openAsLeader(meetingOptions, differences)
    : await openAsFollower(meetingOptions);
  return groupOf(place, meeting, limits);
}

function groupOf(place: GroupPlace, meeting: Meeting, limits: GroupLimits): ProcessGroup {
  const { rank, size } = place, { end } = meeting;
  // The leader knows of all who is missing, so it speaks first.
  const limit = limits.operation + (rank === 0 ? 0 : 10);
  const runtime = selectedTensorFlow()!.binding.runtime;
  let collectives: CollectiveRuntime | undefined, served: number | undefined;
  end.onCome(({ message }) => collectives?.abort(message));

  const operate = async <T extends tf.Tensor = tf.Tensor1D>(
    size: number,
    run: (collectives: CollectiveRuntime) => Promise<Pointer>,
  ): Promise<T> => {
    if (collectives === undefined) throw new Error("The group of processes has not started");
    if (end.reason !== undefined) throw end.reason;
    meeting.countOperation();
    const operation = run(collectives).catch((error) => explain(meeting, error, limits));
    const late = setTimeout(() => {
      const behind = meeting.behind();
      meeting.fail(
        behind.length > 0
          ? `${
            behind.join(" and ")
          } did not come to the operation that the others waited in for ${limit} s`
          : `an operation among ${place.size} processes did not end within ${limit} s`,
      );
    }, 1000 * limit);
    try {
      return tensorOf<T>(await operation, size);
    } finally {
      clearTimeout(late);
    }
  };
  return {
    rank,
    size,
    async start(facts) {
      const loopback = isLoopback(place.host);
      const port = served ?? freePort(loopback);
      const peers = await meeting.ready(port, facts);
      if (served !== undefined) return;
      served = port;
      try {
        // TensorFlow gives up after our own limit, which names who is missing.
        collectives = new CollectiveRuntime(runtime, { rank, peers, loopback, limit: limit + 60 });
      } catch (error) {
        await meeting.fail(error instanceof Error ? error.message : String(error));
        throw error;
      }
      await meeting.serving();
      if (rank > 0) return;
      for (let other = 1; other < size; other++) {
        const answer = await end.before(collectives.checkHealth(other, 30_000));
        if (answer === undefined) continue;
        const reason = `the server of ${meeting.nameOf(other)} does not answer at ` +
          `${peers[other]!.host}:${peers[other]!.port}: ${answer.split("\n")[0]}`;
        await meeting.fail(reason);
        throw end.reason;
      }
    },
    allReduce: (values) =>
      operate(
        values.size,
        (collectives) => onHost(values, (tensor) => collectives.allReduce(tensor, values.size)),
      ),
    allToAll: (values) =>
      operate(
        values.size,
        (collectives) => onHost(values, (tensor) => collectives.allToAll(tensor, values.shape[1])),
      ),
    allGather: (values) =>
      operate(
        size * values.size,
        (collectives) => onHost(values, (tensor) => collectives.allGather(tensor, values.size)),
      ),
    broadcast: (values) =>
      operate(
        values.size,
        (collectives) =>
          values instanceof tf.Tensor && rank === 0
            ? onHost(values, (tensor) => collectives.broadcast(tensor, values.size))
            : collectives.broadcast(undefined, values.size),
      ),
    say: (word) => meeting.say(word),
    async untilEnd() {
      await end.before(new Promise<never>(() => {})).catch((error) => {
        if (!(error instanceof GroupFinished)) throw error;
      });
    },
    finish: () => meeting.finish(),
    fail: (reason) => meeting.fail(reason),
  };
}

/**
 * TensorFlow may see a lost connection before the meeting hears who was lost, so its error waits for that: at once
 * where a process has ended, after its silence where it is cut off.
 *
 * @throws {GroupFailure} always, or {@link GroupFinished}
 */
async function explain(
  meeting: Meeting,
  error: unknown,
  { silence }: GroupLimits,
): Promise<never> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const patience = setTimeout(resolve, 1000 * (silence + 5));
  await meeting.end.before(promise).finally(() => clearTimeout(patience));
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  await meeting.fail(`the connection between the processes broke: ${line}`);
  throw meeting.end.reason;
}

/** Lends the tensor of a host to an operation: where it computes on the host, its own. */
async function onHost<T>(values: tf.Tensor, use: (handle: Pointer) => Promise<T>): Promise<T> {
  const backend = selectedTensorFlow()!, { runtime } = backend.binding, { c, status } = runtime;
  const { pointer } = runtime.get(backend.getInputTensorIds([values])[0]!);
  if (runtime.accelerator === undefined) return await use(pointer);
  const tensor = c.TFE_TensorHandleResolve(pointer, status);
  runtime.check("Cannot copy a tensor to the host");
  const handle = c.TFE_NewTensorHandle(tensor, status);
  c.TF_DeleteTensor(tensor);
  runtime.check("Cannot copy a tensor to the host");
  try {
    return await use(handle);
  } finally {
    c.TFE_DeleteTensorHandle(handle);
  }
}

/** Takes charge of what an operation gave, as a tensor of the engine. */
function tensorOf<T extends tf.Tensor>(pointer: Pointer, size: number): T {
  const backend = selectedTensorFlow()!, { runtime } = backend.binding, { c, status } = runtime;
  const tensor = c.TFE_TensorHandleResolve(pointer, status);
  c.TFE_DeleteTensorHandle(pointer);
  runtime.check("Cannot read what the processes computed");
  // A handle of no context, so that the one that computes takes it for its own.
  let handle = c.TFE_NewTensorHandle(tensor, status);
  c.TF_DeleteTensor(tensor);
  runtime.check("Cannot read what the processes computed");
  if (runtime.accelerator !== undefined) {
    const name = cName(runtime.accelerator);
    const copy = c.TFE_TensorHandleCopyToDevice(handle, runtime.context, name, status);
    c.TFE_DeleteTensorHandle(handle);
    runtime.check("Cannot copy a tensor to the accelerator");
    handle = copy;
  }
  const result = backend.createOutputTensor(runtime.adopt(handle));
  if (result.size !== size) {
    throw new Error(`The processes gave ${result.size} values, not ${size}`);
  }
  return result as T;
}

/** A port that nothing listens at now. */
function freePort(loopback: boolean): number {
  const listener = Deno.listen({ hostname: loopback ? "127.0.0.1" : "0.0.0.0", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
