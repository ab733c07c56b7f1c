/** A convolutional encoder as an ONNX graph, stage by stage. */
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../../nn/convolutional/convolutional_config.ts";
import type { ConvolutionLayer } from "../../nn/convolutional/convolution_layer.ts";
import { layersOf, type Stage } from "../../nn/convolutional/stage.ts";
import { type EncoderWeights, transposed } from "./encoder_weights.ts";
import type { GraphBuilder, Value } from "./graph_builder.ts";

/** A map of channels `[batch, channels, side, side]`. */
interface ChannelMap {
  readonly value: Value;
  /** Rows, and columns. */
  readonly side: number;
}

/**
 * Adds the encoder to a graph.
 *
 * @param images `[batch, 3, size, size]`, normalised
 * @returns places `[batch, rows × columns, channels]` of the last map, and their mean `[batch, channels]`
 */
export function convolutionalGraph(
  graph: GraphBuilder,
  images: Value,
  config: ConvolutionalConfig,
  weights: EncoderWeights,
): { readonly cls: Value; readonly patch: Value } {
  let map: ChannelMap = { value: images, side: config.imageSize };
  convolutionalStages(config).forEach((stage, i) => {
    map = stageGraph(graph, map, stage, (name) => layerWeights(weights, `stages.${i}.${name}`));
  });
  const flat = graph.node("Flatten", [
    graph.node("GlobalAveragePool", [map.value]),
  ], { axis: { int: 1 } });
  const places = graph.node("Reshape", [map.value, graph.integers([0, 0, -1])]);
  return { cls: flat, patch: graph.node("Transpose", [places], { perm: { ints: [0, 2, 1] } }) };
}

/** Weight and bias of a layer, factors of channels multiplied in. */
type LayerWeights = (name: string) => {
  readonly weight: { readonly data: Float32Array; readonly shape: readonly number[] };
  readonly bias: Float32Array;
};

function layerWeights(weights: EncoderWeights, prefix: string): ReturnType<LayerWeights> {
  const weight = weights.get(`${prefix}.weight`), { data: bias } = weights.get(`${prefix}.bias`);
  if (!weights.has(`${prefix}.scale`)) return { weight, bias };
  const { data: scale } = weights.get(`${prefix}.scale`), { data, shape } = weight;
  // Outputs are the last axis of a full weight and the one before it of a depthwise one.
  const after = shape[3] === scale.length ? 1 : shape[3]!;
  return {
    weight: {
      shape,
      data: data.map((value, i) => value * scale[Math.floor(i / after) % scale.length]!),
    },
    bias,
  };
}

function stageGraph(
  graph: GraphBuilder,
  map: ChannelMap,
  stage: Stage,
  weights: LayerWeights,
): ChannelMap {
  const layers = new Map(layersOf(stage).map(({ name, layer }) => [name, layer]));
  const run = (name: string, map: ChannelMap): ChannelMap => {
    const layer = layers.get(name);
    return layer === undefined ? map : layerGraph(graph, map, layer, weights(name));
  };
  const sum = (a: ChannelMap, b: ChannelMap): ChannelMap => ({
    ...a,
    value: graph.node("Add", [a.value, b.value]),
  });
  const relu = (map: ChannelMap): ChannelMap => ({
    ...map,
    value: graph.node("Relu", [map.value]),
  });
  switch (stage.kind) {
    case "convolution": {
      const result = run("convolution", map);
      return stage.pooled === true ? poolNeighbours(graph, result) : result;
    }
    case "invertedResidual": {
      const result = run("project", run("depthwise", run("expand", map)));
      const isResidual = stage.stride === 1 && stage.inputs === stage.outputs;
      return isResidual ? sum(map, result) : result;
    }
    case "basicBlock": {
      const isResidual = stage.stride === 1 && stage.inputs === stage.outputs;
      const shortcut = stage.shortcut === "padded" && !isResidual
        ? padChannels(graph, map, stage)
        : run("shortcut", map);
      return relu(sum(run("second", run("first", map)), shortcut));
    }
    case "bottleneck":
      return relu(sum(run("third", run("second", run("first", map))), run("shortcut", map)));
  }
}

function layerGraph(
  graph: GraphBuilder,
  map: ChannelMap,
  layer: ConvolutionLayer,
  { weight, bias }: ReturnType<LayerWeights>,
): ChannelMap {
  const { depthwise = false, kernel, inputs, stride = 1, dilation = 1 } = layer;
  const { activation = "linear", padding = "same" } = layer;
  // Ours are [height, width, in, out], ONNX's [out, in, height, width].
  const filter = transposed(weight, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]);
  const reach = (kernel - 1) * dilation + 1;
  const side = Math.ceil(map.side / stride);
  const lacking = Math.max(0, (side - 1) * stride + reach - map.side);
  const before = padding === "symmetric" ? (kernel - 1) / 2 : Math.floor(lacking / 2);
  const after = padding === "symmetric" ? (kernel - 1) / 2 : lacking - before;
  // Depthwise weights and biases are few and of a wide range, and nearly cancel each other out: never halves.
  const kept = depthwise ? graph.constant : graph.weight;
  const value = graph.node("Conv", [
    map.value,
    kept(filter.data, filter.shape),
    graph.constant(bias, [bias.length]),
  ], {
    kernel_shape: { ints: [kernel, kernel] },
    strides: { ints: [stride, stride] },
    dilations: { ints: [dilation, dilation] },
    pads: { ints: [before, before, after, after] },
    group: { int: depthwise ? inputs : 1 },
  });
  return { value: activate(graph, value, activation), side };
}

function activate(
  graph: GraphBuilder,
  value: Value,
  activation: NonNullable<ConvolutionLayer["activation"]>,
): Value {
  if (activation === "linear") return value;
  if (activation === "relu") return graph.node("Relu", [value]);
  return graph.node("Clip", [value, graph.constant([0], []), graph.constant([6], [])]);
}

/** The largest of each 3 x 3 pixels, every second place. */
function poolNeighbours(graph: GraphBuilder, { value, side }: ChannelMap): ChannelMap {
  const pooled = graph.node("MaxPool", [value], {
    kernel_shape: { ints: [3, 3] },
    strides: { ints: [2, 2] },
    pads: { ints: [1, 1, 1, 1] },
  });
  return { value: pooled, side: Math.floor((side - 1) / 2) + 1 };
}

/** Every `stride`-th pixel, and zeros for the new channels, half of them in front. */
function padChannels(
  graph: GraphBuilder,
  { value, side }: ChannelMap,
  { inputs, outputs, stride }: Pick<Stage, "inputs" | "outputs" | "stride">,
): ChannelMap {
  const pixels = stride === 1 ? value : graph.node("MaxPool", [value], {
    kernel_shape: { ints: [1, 1] },
    strides: { ints: [stride, stride] },
  });
  const front = Math.floor((outputs - inputs) / 2);
  const pads = graph.integers([0, front, 0, 0, 0, outputs - inputs - front, 0, 0]);
  return { value: graph.node("Pad", [pixels, pads]), side: Math.ceil(side / stride) };
}
