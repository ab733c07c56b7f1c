/** Builds an ONNX graph node by node. */
import { narrow } from "../../tensors/half_precision.ts";
import { elementTypes, type OnnxAttribute, type OnnxNode, type OnnxTensor } from "./schema.ts";

/** Name of a value within a graph. */
export type Value = string;

/** A graph that grows. */
export interface GraphBuilder {
  /** Adds a node and gives its output. */
  node(
    opType: string,
    inputs: readonly Value[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): Value;
  /** Adds a node of several outputs. */
  nodes(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): Value[];
  /** Adds a constant of numbers with a fraction, in the precision of the graph. */
  constant(data: ArrayLike<number>, shape: readonly number[], name?: string): Value;
  /** Adds weights: kept in the precision of the file, used in that of the graph. */
  weight(data: ArrayLike<number>, shape: readonly number[]): Value;
  /** Adds a constant of float32, whatever the precision of the graph. */
  exactConstant(data: ArrayLike<number>, shape: readonly number[]): Value;
  /** A value of the graph's precision as float32. */
  widen(value: Value): Value;
  /** A value of float32 in the graph's precision. */
  narrow(value: Value): Value;
  /** Adds a constant of whole numbers, such as a shape. */
  integers(data: readonly number[], shape?: readonly number[]): Value;
  /** Gives a value another name, as that of an output. */
  rename(value: Value, name: string): Value;
  /** What was built. */
  readonly built: { readonly nodes: readonly OnnxNode[]; readonly tensors: readonly OnnxTensor[] };
  /** Number of the element type of the graph's constants. */
  readonly elementType: number;
}

/** Precision of numbers with a fraction. */
export type Precision = "float32" | "float16";

/**
 * An empty graph.
 *
 * @param precision of arithmetic and constants
 * @param storage precision in which weights are kept
 */
export function graphBuilder(precision: Precision, storage: Precision): GraphBuilder {
  const nodes: OnnxNode[] = [];
  const tensors: OnnxTensor[] = [];
  const kept = new Map<string, Value>();
  const elementType = elementTypes[precision];
  const add = (
    opType: string,
    input: readonly Value[],
    count: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): Value[] => {
    const name = `${opType.toLowerCase()}_${nodes.length}`;
    const output = count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}_${i}`);
    nodes.push({ opType, name, input, output, attributes });
    return output;
  };
  const keep = (
    data: ArrayLike<number>,
    dims: readonly number[],
    kind: Precision,
    name = `constant_${tensors.length}`,
  ): Value => {
    const floats = Float32Array.from(data);
    const rawData = bytesOf(kind === "float32" ? floats : narrow(floats, "float16"));
    tensors.push({ name, dims, dataType: elementTypes[kind], rawData });
    return name;
  };
  const cast = (value: Value, to: number): Value =>
    precision === "float32" ? value : add("Cast", [value], 1, { to: { int: to } })[0]!;
  return {
    elementType,
    widen: (value) => cast(value, elementTypes.float32),
    narrow: (value) => cast(value, elementType),
    node: (opType, inputs, attributes) => add(opType, inputs, 1, attributes)[0]!,
    nodes: add,
    constant: (data, shape, name) => keep(data, shape, precision, name),
    exactConstant: (data, shape) => keep(data, shape, "float32"),
    weight(data, shape) {
      const value = keep(data, shape, storage);
      return storage === precision
        ? value
        : add("Cast", [value], 1, { to: { int: elementType } })[0]!;
    },
    integers(data, shape = [data.length]) {
      const key = `${shape}|${data}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const name = `integers_${tensors.length}`;
      const rawData = bytesOf(BigInt64Array.from(data, BigInt));
      tensors.push({ name, dims: shape, dataType: elementTypes.int64, rawData });
      kept.set(key, name);
      return name;
    },
    rename(value, name) {
      nodes.push({
        opType: "Identity",
        name: `name_${name}`,
        input: [value],
        output: [name],
        attributes: {},
      });
      return name;
    },
    get built() {
      return { nodes, tensors };
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
