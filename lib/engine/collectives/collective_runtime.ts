/** TensorFlow's collectives between the processes of a group, over gRPC. */
import type { Attribute } from "../ffi/attributes.ts";
import { AttributeType, eagerSetters, setAttribute } from "../ffi/attributes.ts";
import { cName, cString, type Pointer, readCString } from "../ffi/c_api.ts";
import { DataType } from "../ffi/data_types.ts";
import { withHostTensor } from "../ffi/host_tensors.ts";
import { EngineError, type Runtime } from "../ffi/runtime.ts";
import { keepToLoopback } from "./loopback.ts";
import { groupConfig, type PeerAddress, serverDefinition, taskName } from "./messages.ts";

/** TF_Code of an abort: the members of the group ended. */
const aborted = 10;
/** Every process has one group, of all. */
const groupKey = 1;
const hint = { name: "communication_hint", type: AttributeType.string, value: "auto" };

/**
 * A context of TensorFlow for nothing but collectives, beside the one that computes: tensors of both are the
 * same memory, and what computes never learns of other processes. TensorFlow has no way to stop a server, so
 * it lives until the process ends.
 */
export class CollectiveRuntime {
  private readonly context: Pointer;
  private readonly instances = new Map<string, number>();
  private turn = 0;

  /**
   * Starts the server of this process.
   *
   * @param runtime that computes
   * @param options peers: addresses by rank; loopback: whether only this machine may connect
   * @throws {EngineError} where the server cannot start, for example because its port is in use
   */
  constructor(
    private readonly runtime: Runtime,
    private readonly options: {
      readonly rank: number;
      readonly peers: readonly PeerAddress[];
      readonly loopback: boolean;
      /** Seconds after which TensorFlow itself gives an operation up. */
      readonly limit: number;
    },
  ) {
    const { c, status } = runtime, { rank, peers, loopback } = options;
    const contextOptions = c.TFE_NewContextOptions(), config = groupConfig();
    c.TFE_ContextOptionsSetConfig(contextOptions, config, BigInt(config.length), status);
    runtime.check("Cannot configure a group of processes");
    this.context = c.TFE_NewContext(contextOptions, status);
    c.TFE_DeleteContextOptions(contextOptions);
    runtime.check("Cannot make a context for a group of processes");
    const server = serverDefinition(rank, peers);
    c.TFE_EnableCollectiveOps(this.context, server, BigInt(server.length), status);
    runtime.check(`Cannot start the server of rank ${rank} at port ${peers[rank]?.port}`);
    if (loopback) keepToLoopback(peers[rank]!.port);
  }

  /**
   * Sums of a tensor over all ranks, of the same bits at each of them.
   *
   * @param tensor a handle of the context that computes; borrowed until the promise settles
   * @returns a new handle of that context
   */
  async allReduce(tensor: Pointer, size: number): Promise<Pointer> {
    return await this.run("CollectiveReduceV2", [tensor], { kind: `sum ${size}` }, [
      { name: "merge_op", type: AttributeType.string, value: "Add" },
      { name: "final_op", type: AttributeType.string, value: "Id" },
      hint,
    ]);
  }

  /**
   * Gives a tensor of rank 0 to all others, bit for bit.
   *
   * @param tensor of rank 0
   * @param size `[size]` of the tensor, at every rank
   */
  async broadcast(tensor: Pointer | undefined, size: number): Promise<Pointer> {
    const kind = `broadcast ${size}`;
    if (tensor !== undefined) {
      return await this.run("CollectiveBcastSendV2", [tensor], { kind }, []);
    }
    const shape = this.hostHandle(DataType.int32, [1], [size]);
    try {
      const type = { name: "Tshape", type: AttributeType.type, value: DataType.int32 };
      return await this.run("CollectiveBcastRecvV2", [], { kind, last: shape }, [type]);
    } finally {
      this.runtime.c.TFE_DeleteTensorHandle(shape);
    }
  }

  /**
   * Exchanges rows: what rank r gives in row q, rank q gets in row r. TensorFlow has reduce-scatter for graphics
   * cards only; the sum of these rows is the same, with as many bytes on their way.
   *
   * @param tensor `[ranks, rowSize]`; borrowed until the promise settles
   * @returns a new handle, `[ranks, rowSize]`
   */
  async allToAll(tensor: Pointer, rowSize: number): Promise<Pointer> {
    return await this.run("CollectiveAllToAllV2", [tensor], { kind: `exchange ${rowSize}` }, [
      hint,
    ]);
  }

  /**
   * The tensors of all ranks, one after the other.
   *
   * @param tensor `[size]`; borrowed until the promise settles
   * @returns a new handle, `[ranks * size]`
   */
  async allGather(tensor: Pointer, size: number): Promise<Pointer> {
    return await this.run("CollectiveGatherV2", [tensor], { kind: `gather ${size}` }, [hint]);
  }

  /**
   * Whether the server of a rank answers.
   *
   * @returns what TensorFlow says where it does not
   */
  async checkHealth(rank: number, milliseconds: number): Promise<string | undefined> {
    const { c } = this.runtime, status = c.TF_NewStatus();
    try {
      const name = cString(taskName(rank));
      await c.TFE_CollectiveOpsCheckPeerHealth(this.context, name, BigInt(milliseconds), status);
      return c.TF_GetCode(status) === 0 ? undefined : readCString(c.TF_Message(status));
    } finally {
      c.TF_DeleteStatus(status);
    }
  }

  /** Ends every operation that waits for others; it fails with this reason, and so does every later one. */
  abort(reason: string): void {
    const { c } = this.runtime, status = c.TF_NewStatus();
    c.TF_SetStatus(status, aborted, cString(reason));
    c.TFE_AbortCollectiveOps(this.context, status);
    c.TF_DeleteStatus(status);
  }

  private async run(
    op: string,
    inputs: readonly Pointer[],
    { kind, last }: { readonly kind: string; readonly last?: Pointer },
    attributes: readonly Attribute[],
  ): Promise<Pointer> {
    const { c } = this.runtime, status = c.TF_NewStatus();
    const scalars = [this.options.peers.length, groupKey, this.instanceOf(kind)]
      .map((value) => this.hostHandle(DataType.int32, [], [value]));
    const operation = c.TFE_NewOp(this.context, cName(op), status);
    try {
      this.runtime.check(`Cannot run ${op}`, status);
      for (const input of [...inputs, ...scalars, ...last === undefined ? [] : [last]]) {
        c.TFE_OpAddInput(operation, input, status);
        this.runtime.check(`Cannot run ${op}`, status);
      }
      const setters = eagerSetters(c, status);
      const all = [
        { name: "T", type: AttributeType.type, value: DataType.float32 },
        { name: "timeout_seconds", type: AttributeType.float, value: this.options.limit },
        ...attributes,
      ];
      for (const attribute of all) setAttribute(setters, operation, attribute);
      // Written from another thread: both lie in memory of their own, which nothing moves.
      const output = new BigUint64Array(new ArrayBuffer(8));
      const count = new Int32Array(new ArrayBuffer(4)).fill(1);
      await c.TFE_ExecuteOffThread(operation, output, count, status);
      this.runtime.check(`${op} among ${this.options.peers.length} processes failed`, status);
      if (count[0] !== 1) throw new EngineError(`${op} gave ${count[0]} tensors, expected one`);
      return Deno.UnsafePointer.create(output[0]!);
    } finally {
      c.TFE_DeleteOp(operation);
      scalars.forEach((scalar) => c.TFE_DeleteTensorHandle(scalar));
      c.TF_DeleteStatus(status);
    }
  }

  /**
   * The key of an operation's instance, the same at all ranks, which run the same operations in the same order.
   * TensorFlow keeps a record of every key for good, so each kind has two that take turns.
   */
  private instanceOf(kind: string): number {
    this.turn = 1 - this.turn;
    const name = `${kind} ${this.turn}`;
    const key = this.instances.get(name) ?? this.instances.size + 1;
    this.instances.set(name, key);
    return key;
  }

  private hostHandle(dtype: number, shape: readonly number[], values: readonly number[]): Pointer {
    const { c, status } = this.runtime;
    const handle = withHostTensor(
      c,
      { dtype, shape, values },
      (tensor) => c.TFE_NewTensorHandle(tensor, status),
    );
    this.runtime.check("Cannot make a tensor");
    return handle;
  }
}
