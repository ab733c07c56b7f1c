/**
 * The messages of an ONNX file that are written here, for protobufjs: names, types and field numbers of the
 * ONNX standard (onnx.proto, IR version 8).
 *
 * @module
 */
import protobuf from "protobufjs";

/** A field: its type, its number, and whether there may be many. */
type Field = readonly [type: string, id: number, many?: "repeated"];

const messages: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ModelProto: {
    irVersion: ["int64", 1],
    producerName: ["string", 2],
    producerVersion: ["string", 3],
    docString: ["string", 6],
    graph: ["GraphProto", 7],
    opsetImport: ["OperatorSetIdProto", 8, "repeated"],
    metadataProps: ["StringStringEntryProto", 14, "repeated"],
  },
  OperatorSetIdProto: { domain: ["string", 1], version: ["int64", 2] },
  StringStringEntryProto: { key: ["string", 1], value: ["string", 2] },
  GraphProto: {
    node: ["NodeProto", 1, "repeated"],
    name: ["string", 2],
    initializer: ["TensorProto", 5, "repeated"],
    input: ["ValueInfoProto", 11, "repeated"],
    output: ["ValueInfoProto", 12, "repeated"],
  },
  NodeProto: {
    input: ["string", 1, "repeated"],
    output: ["string", 2, "repeated"],
    name: ["string", 3],
    opType: ["string", 4],
    attribute: ["AttributeProto", 5, "repeated"],
  },
  AttributeProto: {
    name: ["string", 1],
    f: ["float", 2],
    i: ["int64", 3],
    s: ["bytes", 4],
    ints: ["int64", 8, "repeated"],
    type: ["int32", 20],
  },
  TensorProto: {
    dims: ["int64", 1, "repeated"],
    dataType: ["int32", 2],
    name: ["string", 8],
    rawData: ["bytes", 9],
  },
  ValueInfoProto: { name: ["string", 1], type: ["TypeProto", 2] },
  TypeProto: { tensorType: ["TensorTypeProto", 1] },
  TensorTypeProto: { elemType: ["int32", 1], shape: ["TensorShapeProto", 2] },
  TensorShapeProto: { dim: ["DimensionProto", 1, "repeated"] },
  DimensionProto: { dimValue: ["int64", 1], dimParam: ["string", 2] },
};

/** A tensor in a file. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** A value of {@linkcode elementTypes}. */
  readonly dataType: number;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

/** A value of a node's attribute: a number with a fraction, a whole one, several of these, or text. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

/** A node of a graph. */
export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or an output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** A value of {@linkcode elementTypes}. */
  readonly elementType: number;
  /** A dimension is a number, or a name where it may change. Default: the file does not say. */
  readonly shape?: readonly (number | string)[];
}

/** What a file holds. */
export interface OnnxModel {
  readonly name: string;
  readonly description: string;
  readonly producerVersion: string;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Numbers of element types. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
} as const;

/** Version of the operators: 17 brings LayerNormalization, 18 a resize with antialiasing. */
export const opset = 18;

/** Version of the format that goes with it. */
const irVersion = 8;

/** Numbers of attribute types. */
const attributeTypes = { float: 1, int: 2, text: 3, ints: 7 } as const;

const modelType = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([message, fields]) => [message, {
      fields: Object.fromEntries(
        Object.entries(fields).map((
          [name, [type, id, rule]],
        ) => [name, { type, id, ...rule && { rule } }]),
      ),
    }]),
  ),
}).lookupType("ModelProto");

/** A model as the bytes of a file. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const { name, description, producerVersion, nodes, tensors, inputs, outputs, metadata } = model;
  const message = modelType.fromObject({
    irVersion,
    producerName: "hashigo",
    producerVersion,
    docString: description,
    opsetImport: [{ domain: "", version: opset }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: nodes.map(({ attributes, ...node }) => ({
        ...node,
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      })),
      initializer: tensors,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
  });
  return modelType.encode(message).finish();
}

function attributeOf(name: string, value: OnnxAttribute): object {
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  if ("int" in value) return { name, i: value.int, type: attributeTypes.int };
  if ("ints" in value) return { name, ints: value.ints, type: attributeTypes.ints };
  return { name, s: new TextEncoder().encode(value.text), type: attributeTypes.text };
}

function valueInfo({ name, elementType, shape }: OnnxValue): object {
  const dim = shape?.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size }
  );
  return { name, type: { tensorType: { elemType: elementType, ...dim && { shape: { dim } } } } };
}

/**
 * The texts that a file keeps, by key.
 *
 * @throws {Error} where the bytes are no ONNX file
 */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  const { metadataProps = [] } = modelType.toObject(modelType.decode(bytes)) as {
    metadataProps?: { key: string; value: string }[];
  };
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
}
