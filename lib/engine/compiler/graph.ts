import { type Attribute, graphSetters, longs, setAttribute } from "../ffi/attributes.ts";
import { type Bytes, cName, cString, type Pointer } from "../ffi/c_api.ts";
import { callerLine } from "./caller.ts";
import { attributeFacts, GraphDigest } from "./graph_digest.ts";
import { DataType, describeCall } from "../ffi/data_types.ts";
import { withHostTensor } from "../ffi/host_tensors.ts";
import type { OpDefinition } from "../ffi/op_definitions.ts";
import { EngineError, type Runtime } from "../ffi/runtime.ts";

/** An output of a node of the graph, with its inferred shape and type. */
export interface Node {
  /** TF_Output: the operation's address and the output's number. */
  readonly output: Bytes;
  readonly shape: number[];
  readonly dtype: number;
}

/** Size of TF_Output: a pointer, an int, padding. */
const outputSize = 16;

/** A TF_Graph under construction. */
export class Graph {
  readonly pointer: Pointer;
  /** Grows with the graph. */
  readonly digest = new GraphDigest<Node>();
  private readonly setters;
  private names = 0;

  constructor(private readonly runtime: Runtime) {
    this.pointer = runtime.c.TF_NewGraph();
    this.setters = graphSetters(runtime.c);
  }

  /** A value that the caller of the function passes. */
  placeholder(shape: readonly number[], dtype: number): Node {
    const { c } = this.runtime;
    const description = this.describe("Placeholder");
    c.TF_SetAttrType(description, cName("dtype"), dtype);
    c.TF_SetAttrShape(description, cName("shape"), longs(shape), shape.length);
    return this.finish(description, "Placeholder", { facts: [shape, dtype] })[0]!;
  }

  /** A variable that the caller of the function passes, and its value at the beginning. */
  variable(
    shape: readonly number[],
    dtype: number,
  ): { readonly handle: Node; readonly read: Node } {
    const { c, status } = this.runtime;
    const handle = this.placeholder([], DataType.resource);
    const description = this.describe("ReadVariableOp");
    c.TF_AddInput(description, handle.output);
    c.TF_SetAttrType(description, cName("dtype"), dtype);
    const operation = c.TF_FinishOperation(description, status);
    this.runtime.check("Cannot read a variable in a graph");
    // A handle does not say of what shape its variable is.
    c.TF_GraphSetTensorShape(
      this.pointer,
      outputOf(operation, 0),
      longs(shape),
      shape.length,
      status,
    );
    this.runtime.check("Cannot read a variable in a graph");
    const read = this.node(operation, 0, "ReadVariableOp", [handle]);
    this.digest.add("ReadVariableOp", [shape, dtype], [handle], [read]);
    return { handle, read };
  }

  /** Gives a variable another value, after it has been read. */
  assign({ handle, read }: { readonly handle: Node; readonly read: Node }, value: Node): void {
    const { c } = this.runtime;
    const description = this.describe("AssignVariableOp");
    for (const input of [handle, value]) c.TF_AddInput(description, input.output);
    c.TF_AddControlInput(description, operationOf(read.output));
    c.TF_SetAttrType(description, cName("dtype"), value.dtype);
    this.finish(description, "AssignVariableOp", {
      inputs: [handle, value],
      facts: [value.dtype],
      outputCount: 0,
    });
  }

  /** A value that is known now. */
  constant(shape: readonly number[], dtype: number, values: unknown): Node {
    const { c, status } = this.runtime;
    return withHostTensor(c, { shape, dtype, values }, (tensor) => {
      const description = this.describe("Const");
      c.TF_SetAttrType(description, cName("dtype"), dtype);
      c.TF_SetAttrTensor(description, cName("value"), tensor, status);
      this.digest.addValues(shape, dtype, values);
      return this.finish(description, "Const", {})[0]!;
    });
  }

  /** Adds an op; its definition tells which inputs form lists. */
  add(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly Node[],
    outputCount: number,
  ): Node[] {
    const definition = this.runtime.opDefinitions.get(op);
    if (definition === undefined) {
      throw new EngineError(`Cannot trace ${describeCall(op, inputs)}: TensorFlow has no such op`);
    }
    const groups = groupInputs(definition, attributes, inputs.length);
    const description = this.describe(op);
    let at = 0;
    for (const group of groups) {
      this.addInput(description, inputs.slice(at, at += group.count), group.list);
    }
    for (const attribute of attributes) {
      // The length and the types of a list follow from its inputs.
      if (!isInferred(definition, attribute.name)) {
        setAttribute(this.setters, description, attribute);
      }
    }
    return this.finish(description, op, { inputs, facts: attributeFacts(attributes), outputCount });
  }

  delete(): void {
    this.runtime.c.TF_DeleteGraph(this.pointer);
  }

  private describe(op: string): Pointer {
    return this.runtime.c.TF_NewOperation(
      this.pointer,
      cName(op),
      cString(`node${this.names++}_${op}`),
    );
  }

  private addInput(description: Pointer, nodes: readonly Node[], list: boolean): void {
    const { c } = this.runtime;
    if (list) c.TF_AddInputList(description, packOutputs(nodes), nodes.length);
    else if (nodes[0] !== undefined) c.TF_AddInput(description, nodes[0].output);
  }

  private finish(
    description: Pointer,
    op: string,
    { inputs = [], facts = [], outputCount = 1 }: {
      readonly inputs?: readonly Node[];
      /** What the digest knows of the node beside its inputs. */
      readonly facts?: readonly unknown[];
      readonly outputCount?: number;
    },
  ): Node[] {
    const { c, status } = this.runtime;
    const operation = c.TF_FinishOperation(description, status);
    this.runtime.check(() => `Cannot trace ${describeCall(op, inputs)} at ${callerLine()}`);
    const outputs = Array.from(
      { length: outputCount },
      (_, index) => this.node(operation, index, op, inputs),
    );
    this.digest.add(op, facts, inputs, outputs);
    return outputs;
  }

  private node(operation: Pointer, index: number, op: string, inputs: readonly Node[]): Node {
    const { c, status } = this.runtime;
    const output = outputOf(operation, index);
    const rank = c.TF_GraphGetTensorNumDims(this.pointer, output, status);
    const sizes = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) c.TF_GraphGetTensorShape(this.pointer, output, sizes, rank, status);
    const shape = Array.from(sizes, Number);
    if (rank < 0 || shape.some((size) => size < 0)) {
      throw new EngineError(
        `Cannot trace ${describeCall(op, inputs)} at ${callerLine()}: the shape of its result ` +
          `depends on values. Use an op whose result has a fixed shape`,
      );
    }
    return { output, shape, dtype: c.TF_OperationOutputType(output) };
  }
}

/** TF_Output. */
function outputOf(operation: Pointer, index: number): Bytes {
  const output = new Uint8Array(outputSize);
  const view = new DataView(output.buffer);
  view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
  view.setInt32(8, index, true);
  return output;
}

/** The operation of a TF_Output. */
function operationOf(output: Bytes): Pointer {
  return Deno.UnsafePointer.create(new DataView(output.buffer).getBigUint64(0, true));
}

/** Several TF_Outputs in a row. */
export function packOutputs(nodes: readonly Node[]): Bytes {
  const packed = new Uint8Array(outputSize * nodes.length);
  nodes.forEach((node, index) => packed.set(node.output, outputSize * index));
  return packed;
}

/** Divides a flat list of inputs into the op's arguments: single tensors and lists. */
export function groupInputs(
  definition: OpDefinition,
  attributes: readonly Attribute[],
  total: number,
): { count: number; list: boolean }[] {
  const lists = definition.inputs.filter((input) =>
    input.lengthAttribute !== undefined || input.typesAttribute !== undefined
  );
  const singles = definition.inputs.length - lists.length;
  return definition.inputs.map((input) => {
    const name = input.lengthAttribute ?? input.typesAttribute;
    if (name === undefined) return { count: 1, list: false };
    // A single list takes the inputs that are left by the other arguments.
    if (lists.length === 1) return { count: total - singles, list: true };
    const value = attributes.find((attribute) => attribute.name === name)?.value;
    return { count: Array.isArray(value) ? value.length : Number(value), list: true };
  });
}

function isInferred(definition: OpDefinition, attribute: string): boolean {
  return definition.inputs.some((input) =>
    input.lengthAttribute === attribute || input.typesAttribute === attribute
  );
}
