/** A student as an ONNX model: encoder, and where asked for preprocessing and a classifier. */
import { type EncoderConfig, encoderStages, isTransformer } from "../../nn/encoder.ts";
import type { BackboneInput } from "../../teachers/input.ts";
import { convolutionalGraph } from "./convolutional_graph.ts";
import type { EncoderWeights } from "./encoder_weights.ts";
import { type GraphBuilder, graphBuilder, type Value } from "./graph_builder.ts";
import { elementTypes, type OnnxModel, type OnnxValue } from "./schema.ts";
import { transformerGraph } from "./transformer_graph.ts";

/** What is written. */
export interface StudentOnnx {
  /** Name of the run. */
  readonly name: string;
  /** What it is, in a sentence. */
  readonly description: string;
  /** Version of the program that writes it. */
  readonly version: string;
  readonly config: EncoderConfig;
  /** Size and normalisation of its images. */
  readonly input: BackboneInput;
  readonly weights: EncoderWeights;
  /** A classifier of its features. Default: none. */
  readonly head?: OnnxHead | undefined;
  /** Of weights, and of a transformer's arithmetic; inputs and outputs are float32. Default "float32". */
  readonly precision?: "float32" | "float16" | undefined;
  /** Whether the graph takes bytes of any size, and resizes and normalises them. Default false. */
  readonly preprocessing?: boolean | undefined;
  /** Texts that the file keeps. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a graph needs to know of a classifier. */
export interface OnnxHead {
  /** Number of classes. */
  readonly count: number;
  /** `[width, classes]` */
  readonly weight: Float32Array;
  /** `[classes]` */
  readonly bias: Float32Array;
  /** By which logits are divided. */
  readonly temperature: number;
}

/** Names of the inputs: pixels that are prepared, `[batch, 3, size, size]`, or bytes, `[batch, height, width, 3]`. */
export const inputNames = { prepared: "pixel_values", bytes: "images" } as const;

/**
 * The model of an ONNX file, for `encodeOnnx`. Outputs: `cls` `[batch, width]`; `patch` `[batch, places, width]`; under the names of
 * Hugging Face's models `last_hidden_state` `[batch, 1 + places, width]`, both one after the other, and
 * `pooler_output`, cls again; and of a classifier `probabilities` `[batch, classes]`.
 */
export function studentOnnx(student: StudentOnnx): OnnxModel {
  const { config, weights, input, head, precision = "float32", preprocessing = false } = student;
  // Rounding after every convolution would add up to more than the weights lose by it.
  const graph = graphBuilder(isTransformer(config) ? precision : "float32", precision);
  const images = preprocessing
    ? preparedBytes(graph, inputNames.bytes, input)
    : graph.narrow(inputNames.prepared);
  const features = isTransformer(config)
    ? transformerGraph(graph, images, { ...config, imageSize: input.size }, weights)
    : convolutionalGraph(graph, images, { ...config, imageSize: input.size }, weights);
  const outputs: OnnxValue[] = [];
  const output = (name: string, value: Value, shape: readonly (number | string)[]) => {
    graph.rename(graph.widen(value), name);
    outputs.push({ name, elementType: elementTypes.float32, shape });
  };
  const { width, grid: [rows, columns] } = encoderStages({ ...config, imageSize: input.size }).at(
    -1,
  )!;
  const places = rows * columns;
  output("cls", features.cls, ["batch", width]);
  output("patch", features.patch, ["batch", places, width]);
  const first = graph.node("Unsqueeze", [features.cls, graph.integers([1])]);
  const all = graph.node("Concat", [first, features.patch], { axis: { int: 1 } });
  output("last_hidden_state", all, ["batch", 1 + places, width]);
  output("pooler_output", features.cls, ["batch", width]);
  if (head !== undefined) {
    output("probabilities", probabilities(graph, features.cls, head), ["batch", head.count]);
  }
  return {
    name: student.name,
    description: student.description,
    producerVersion: student.version,
    ...graph.built,
    inputs: [
      preprocessing
        ? {
          name: inputNames.bytes,
          elementType: elementTypes.uint8,
          shape: ["batch", "height", "width", 3],
        }
        : {
          name: inputNames.prepared,
          elementType: elementTypes.float32,
          shape: ["batch", 3, input.size, input.size],
        },
    ],
    outputs,
    metadata: student.metadata,
  };
}

/** Bytes of any size, resized to the square of the student (antialiased) and normalised. */
function preparedBytes(
  graph: GraphBuilder,
  bytes: Value,
  { size, mean, std }: BackboneInput,
): Value {
  // Halves would round bytes before they are averaged.
  const exact = (values: readonly number[]) => graph.exactConstant(values, [values.length, 1, 1]);
  const floats = graph.node("Cast", [bytes], { to: { int: elementTypes.float32 } });
  const first = graph.node("Transpose", [floats], { perm: { ints: [0, 3, 1, 2] } });
  const resized = graph.node("Resize", [first, "", "", graph.integers([size, size])], {
    axes: { ints: [2, 3] },
    antialias: { int: 1 },
    // At the edges weights are of the pixels that are there.
    exclude_outside: { int: 1 },
    mode: { text: "linear" },
    coordinate_transformation_mode: { text: "half_pixel" },
  });
  const shifted = graph.node("Sub", [resized, exact(mean.map((value) => 255 * value))]);
  return graph.narrow(graph.node("Div", [shifted, exact(std.map((value) => 255 * value))]));
}

function probabilities(graph: GraphBuilder, cls: Value, head: OnnxHead): Value {
  const { count, weight, bias, temperature } = head, width = weight.length / count;
  const scaled = (values: Float32Array) => values.map((value) => value / temperature);
  const product = graph.node("MatMul", [
    cls,
    graph.constant(scaled(weight), [width, count], "head.weight"),
  ]);
  const logits = graph.node("Add", [product, graph.constant(scaled(bias), [count], "head.bias")]);
  return graph.node("Softmax", [logits], { axis: { int: -1 } });
}
