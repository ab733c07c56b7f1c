import { type Attribute, AttributeType } from "../ffi/attributes.ts";
import { callerLine } from "./caller.ts";
import type { Pointer } from "../ffi/c_api.ts";
import { DataType, describeCall } from "../ffi/data_types.ts";
import { Graph, type Node } from "./graph.ts";
import { elementCount, type HostValues } from "../ffi/host_values.ts";
import { EngineError, type Runtime } from "../ffi/runtime.ts";
import type { Recorder, TensorRecord } from "../tfjs/recorder.ts";

/** A tensor from outside that the traced function uses: it becomes one more input, held until disposal. */
export interface Capture {
  readonly node: Node;
  readonly held: Pointer;
}

/** An input that lies in a variable. */
export interface Variable {
  readonly handle: Node;
  /** Its value at the beginning. */
  readonly read: Node;
  /** Among the inputs. */
  readonly position: number;
}

/** A symbolic tensor: its node, and its values where they are known already. */
interface Symbolic {
  readonly node: Node;
  readonly values?: unknown;
}

/** Numeric constants up to this many elements are shared when equal. */
const sharedSize = 16;

/**
 * Records the ops of one call of a function as a graph. Tensors made meanwhile are symbols: their
 * ids stand for nodes of the graph. Call `close` in the end, whatever happened.
 */
export class Trace implements Recorder {
  readonly graph: Graph;
  readonly inputs: Node[] = [];
  /** Inputs that lie in variables. */
  readonly variables: Variable[] = [];
  readonly captures = new Map<number, Capture>();
  /** Number of ops recorded, constants and inputs apart. */
  operations = 0;
  private readonly symbols = new Map<number, Symbolic>();
  private readonly constants = new Map<string, Node>();

  constructor(private readonly runtime: Runtime) {
    this.graph = new Graph(runtime);
  }

  /** Whether the id stands for a symbol of this trace. */
  has(id: number): boolean {
    return this.symbols.has(id);
  }

  input(shape: readonly number[], dtype: number): TensorRecord {
    const node = this.graph.placeholder(shape, dtype);
    this.inputs.push(node);
    return this.record({ node });
  }

  /** An input that lies in a variable, which may be given another value. */
  variable(shape: readonly number[], dtype: number): TensorRecord {
    const { handle, read } = this.graph.variable(shape, dtype);
    this.variables.push({ handle, read, position: this.inputs.length });
    this.inputs.push(handle);
    return this.record({ node: read });
  }

  constant(shape: readonly number[], dtype: number, values: unknown): TensorRecord {
    const list = values as ArrayLike<unknown>, count = elementCount(shape);
    if (dtype === DataType.string || count > sharedSize) {
      const uniform = dtype !== DataType.string && list.length === count && isUniform(list);
      const node = uniform
        ? this.filled(shape, dtype, list[0])
        : this.graph.constant(shape, dtype, values);
      return this.record({ node, values });
    }
    const key = `${dtype} ${shape} ${Array.from(list, exactText)}`;
    let node = this.constants.get(key);
    if (node === undefined) {
      node = this.graph.constant(shape, dtype, values);
      this.constants.set(key, node);
    }
    return this.record({ node, values });
  }

  add(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorRecord[] {
    const nodes = inputs.map((id) => this.node(id));
    if (this.runtime.opDefinitions.get(op)?.stateful) {
      throw new EngineError(
        `Cannot trace ${describeCall(op, nodes)} at ${callerLine()}: the op has a state of its ` +
          `own, so a compiled function would not be pure. Pass its result as an input`,
      );
    }
    this.operations++;
    return this.graph.add(op, attributes, nodes, outputCount).map((node) => this.record({ node }));
  }

  /** The values of a constant; a symbol has none. */
  read(id: number): HostValues {
    const { node, values } = this.symbols.get(id)!;
    if (values !== undefined) return values as HostValues;
    throw new EngineError(
      `Cannot read ${describeCall("a tensor", [node])} at ${callerLine()}: while a function is ` +
        `being compiled its tensors have no values. Return the tensor and read it outside, or ` +
        `use mode "eager"`,
    );
  }

  /** The node of a symbol, or of a tensor from outside, which is captured. */
  node(id: number): Node {
    const symbol = this.symbols.get(id);
    if (symbol !== undefined) return symbol.node;
    let capture = this.captures.get(id);
    if (capture === undefined) {
      const { shape, dtype } = this.runtime.get(id);
      const node = this.graph.placeholder(shape, dtype);
      capture = { node, held: this.runtime.share(id) };
      this.captures.set(id, capture);
    }
    return capture.node;
  }

  delete(id: number): void {
    this.symbols.delete(id);
  }

  close(): void {
    this.graph.delete();
  }

  /** Releases captured tensors that no function has taken over. */
  releaseCaptures(): void {
    for (const { held } of this.captures.values()) this.runtime.release(held);
    this.captures.clear();
  }

  /** A large tensor of one value, such as zeros: the graph then need not store it. */
  private filled(shape: readonly number[], dtype: number, value: unknown): Node {
    const dims = this.constant([shape.length], DataType.int32, shape);
    const scalar = this.constant([], dtype, [value]);
    const attributes = [
      { name: "T", type: AttributeType.type, value: dtype },
      { name: "index_type", type: AttributeType.type, value: DataType.int32 },
    ];
    const [node] = this.graph.add(
      "Fill",
      attributes,
      [this.node(dims.id), this.node(scalar.id)],
      1,
    );
    return node!;
  }

  private record(symbol: Symbolic): TensorRecord {
    const id = this.runtime.newId();
    this.symbols.set(id, symbol);
    return { id, shape: symbol.node.shape, dtype: symbol.node.dtype };
  }
}

function isUniform(values: ArrayLike<unknown>): boolean {
  for (let i = 1; i < values.length; i++) {
    if (!Object.is(values[i], values[0])) return false;
  }
  return true;
}

function exactText(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
