/** A vision transformer as an ONNX graph, block by block. */
import { attentionWidths } from "../../nn/attention.ts";
import { blockConfigOf } from "../../nn/block_shapes.ts";
import { layerNormEpsilon } from "../../nn/layer_norm.ts";
import type { VisionTransformerConfig } from "../../nn/vision_transformer.ts";
import { type EncoderWeights, transposed } from "./encoder_weights.ts";
import type { GraphBuilder, Value } from "./graph_builder.ts";

/**
 * Adds the encoder to a graph.
 *
 * @param images `[batch, 3, size, size]`, normalised
 * @returns CLS `[batch, width]` and patches `[batch, rows × columns, width]`, after the final norm
 */
export function transformerGraph(
  graph: GraphBuilder,
  images: Value,
  config: VisionTransformerConfig,
  weights: EncoderWeights,
): { readonly cls: Value; readonly patch: Value } {
  const { width, depth, registers = 0 } = config;
  const parts = { graph, weights, config };
  let tokens = embed(parts, images);
  for (let i = 0; i < depth; i++) tokens = block(parts, tokens, i);
  const normed = norm(parts, tokens, "norm");
  const from = (start: number, end: number) =>
    graph.node("Slice", [
      ...[normed, graph.integers([start]), graph.integers([end])],
      graph.integers([1]),
    ]);
  const cls = graph.node("Reshape", [from(0, 1), graph.integers([0, width])]);
  return { cls, patch: from(1 + registers, 1 + registers + patchCount(config)) };
}

interface Parts {
  readonly graph: GraphBuilder;
  readonly weights: EncoderWeights;
  readonly config: VisionTransformerConfig;
}

function patchCount({ imageSize, patchSize }: VisionTransformerConfig): number {
  return (imageSize / patchSize) ** 2;
}

/** CLS, registers and patches with their positions, `[batch, tokens, width]`. */
function embed(parts: Parts, images: Value): Value {
  const { graph, weights, config } = parts, { width, registers = 0 } = config;
  const patches = config.stem === "convolution"
    ? convolutionStem(parts, images)
    : patchEmbedding(parts, images);
  const { data: cls } = weights.get("cls"), { data: position } = weights.get("position");
  const ofPatches = graph.constant(
    position.slice(width),
    [1, patchCount(config), width],
    "position",
  );
  // Registers have no positions.
  const first = [
    ...cls.map((value, i) => value + position[i]!),
    ...registers ? weights.get("registers").data : [],
  ];
  const batch = graph.node("Shape", [patches], { start: { int: 0 }, end: { int: 1 } });
  const shape = graph.node("Concat", [batch, graph.integers([1 + registers, width])], {
    axis: { int: 0 },
  });
  const repeated = graph.node("Expand", [
    graph.constant(first, [1, 1 + registers, width], "class_token"),
    shape,
  ]);
  return graph.node("Concat", [repeated, graph.node("Add", [patches, ofPatches])], {
    axis: { int: 1 },
  });
}

/** Patches as a convolution whose filter and stride are a patch. */
function patchEmbedding({ graph, weights, config }: Parts, images: Value): Value {
  const { patchSize, width } = config;
  const { data } = weights.get("stem.weight"), { data: bias } = weights.get("stem.bias");
  const filter = transposed({ data, shape: [patchSize, patchSize, 3, width] }, [3, 2, 0, 1]);
  const map = graph.node("Conv", [
    images,
    graph.constant(filter.data, filter.shape, "stem.weight"),
    graph.constant(bias, [width], "stem.bias"),
  ], {
    kernel_shape: { ints: [patchSize, patchSize] },
    strides: { ints: [patchSize, patchSize] },
  });
  return tokensOf(graph, map);
}

/** Stages of 3 x 3 convolutions that each halve the image, each followed by a norm over its channels. */
function convolutionStem(parts: Parts, images: Value): Value {
  const { graph, weights, config } = parts;
  let map = images, inputs = 3;
  for (let i = 0; i < Math.log2(config.patchSize); i++) {
    const prefix = `stem.stages.${i}`;
    const { data, shape } = weights.get(`${prefix}.convolution.weight`), outputs = shape[1]!;
    const { data: bias } = weights.get(`${prefix}.convolution.bias`);
    const filter = transposed({ data, shape: [3, 3, inputs, outputs] }, [3, 2, 0, 1]);
    const convolved = graph.node("Conv", [
      map,
      graph.constant(filter.data, filter.shape, `${prefix}.convolution.weight`),
      graph.constant(bias, [outputs], `${prefix}.convolution.bias`),
    ], {
      kernel_shape: { ints: [3, 3] },
      strides: { ints: [2, 2] },
      // The pixel before, and none after.
      pads: { ints: [1, 1, 0, 0] },
    });
    const last = graph.node("Transpose", [convolved], { perm: { ints: [0, 2, 3, 1] } });
    const active = gelu(graph, norm(parts, last, `${prefix}.norm`));
    map = graph.node("Transpose", [active], { perm: { ints: [0, 3, 1, 2] } });
    inputs = outputs;
  }
  return linear(parts, tokensOf(graph, map), "stem.output");
}

/** `[batch, channels, rows, columns]` as `[batch, rows × columns, channels]`. */
function tokensOf(graph: GraphBuilder, map: Value): Value {
  const flat = graph.node("Reshape", [map, graph.integers([0, 0, -1])]);
  return graph.node("Transpose", [flat], { perm: { ints: [0, 2, 1] } });
}

function block(parts: Parts, tokens: Value, number: number): Value {
  const { graph } = parts, prefix = `blocks.${number}`;
  const scaled = (value: Value, name: string) => {
    if (!parts.weights.has(`${prefix}.${name}`)) return value;
    return graph.node("Mul", [value, named(parts, `${prefix}.${name}`)]);
  };
  const attended = attention(parts, norm(parts, tokens, `${prefix}.norm1`), number);
  const middle = graph.node("Add", [tokens, scaled(attended, "scale1")]);
  const hidden = linear(parts, norm(parts, middle, `${prefix}.norm2`), `${prefix}.mlp.hidden`);
  const transformed = linear(parts, gelu(graph, hidden), `${prefix}.mlp.output`);
  return graph.node("Add", [middle, scaled(transformed, "scale2")]);
}

function attention(parts: Parts, tokens: Value, number: number): Value {
  const { graph, config } = parts, prefix = `blocks.${number}.attention`;
  const { heads, ...shape } = blockConfigOf(config, number);
  const { headWidth, queryWidth, queries, values } = attentionWidths({ heads, ...shape });
  const qkv = linear(parts, tokens, `${prefix}.qkv`);
  const [query = "", key = "", value = ""] = graph.nodes(
    "Split",
    [
      qkv,
      graph.integers([queries, queries, values]),
    ],
    3,
    { axis: { int: -1 } },
  );
  const apart = (part: Value, width: number, perm: readonly number[]) =>
    graph.node("Transpose", [
      graph.node("Reshape", [part, graph.integers([0, 0, heads, width])]),
    ], { perm: { ints: perm } });
  const scale = graph.constant([1 / Math.sqrt(queryWidth)], []);
  const scaled = graph.node("Mul", [apart(query, queryWidth, [0, 2, 1, 3]), scale]);
  const scores = graph.node("MatMul", [scaled, apart(key, queryWidth, [0, 2, 3, 1])]);
  const shares = graph.node("Softmax", [scores], { axis: { int: -1 } });
  const mixed = graph.node("MatMul", [shares, apart(value, headWidth, [0, 2, 1, 3])]);
  const together = graph.node("Transpose", [mixed], { perm: { ints: [0, 2, 1, 3] } });
  const joined = graph.node("Reshape", [together, graph.integers([0, 0, values])]);
  return linear(parts, joined, `${prefix}.output`);
}

function linear(parts: Parts, tokens: Value, prefix: string): Value {
  const product = parts.graph.node("MatMul", [tokens, named(parts, `${prefix}.weight`)]);
  return parts.graph.node("Add", [product, named(parts, `${prefix}.bias`)]);
}

function norm(parts: Parts, tokens: Value, prefix: string): Value {
  const [weight, bias] = [named(parts, `${prefix}.weight`), named(parts, `${prefix}.bias`)];
  return parts.graph.node("LayerNormalization", [tokens, weight, bias], {
    axis: { int: -1 },
    epsilon: { float: layerNormEpsilon },
  });
}

function named({ graph, weights }: Parts, name: string): Value {
  const { data, shape } = weights.get(name);
  return graph.constant(data, shape, name);
}

function gelu(graph: GraphBuilder, value: Value): Value {
  const scaled = graph.node("Mul", [value, graph.constant([Math.SQRT1_2], [])]);
  const shifted = graph.node("Add", [graph.node("Erf", [scaled]), graph.constant([1], [])]);
  const half = graph.node("Mul", [value, graph.constant([0.5], [])]);
  return graph.node("Mul", [half, shifted]);
}
