/**
 * An ONNX model whose convolutions and products with weights run on whole numbers of eight bits: weights by a
 * scale for each output, activations by one for each tensor, as pairs of QuantizeLinear and DequantizeLinear
 * that a runtime fuses into its own operators.
 *
 * @source Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only
 *   inference, CVPR 2018, sections 2.1 and 2.4.
 * @module
 */
import { elementTypes, type OnnxModel, type OnnxNode, type OnnxTensor } from "./schema.ts";

/** What is known of an activation. */
export interface ActivationStatistics {
  /** Numbers between which it lies; those beyond are cut off. */
  readonly low: number;
  readonly high: number;
  /** Mean of each of its channels. */
  readonly means: Float32Array;
}

/**
 * Quantises a model of float32.
 *
 * @param statisticsOf an activation, by the name of its value
 * @param bits 2 to 8, of which the whole numbers make use; they are always stored in eight
 */
export function quantizeModel(
  model: OnnxModel,
  statisticsOf: (value: string) => ActivationStatistics,
  bits: number = 8,
): OnnxModel {
  const weights = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const users = new Map<string, OnnxNode[]>();
  for (const node of model.nodes) {
    for (const value of node.input) users.set(value, [...users.get(value) ?? [], node]);
  }
  const nodes: OnnxNode[] = [], added = new Map<string, OnnxTensor>();
  /** By the name of a value the one that was quantised and turned back. */
  const turned = new Map<string, { readonly value: string; readonly scale: number }>();
  const skipped = new Set<OnnxNode>();

  const keep = (
    name: string,
    dims: readonly number[],
    data: Int8Array | Uint8Array | Int32Array | Float32Array,
  ) => {
    const dataType = typeOf(data);
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    added.set(name, { name, dims, dataType, rawData });
    return name;
  };
  const node = (opType: string, input: readonly string[], output: string, axis?: number) => {
    const attributes = axis === undefined ? {} : { axis: { int: axis } };
    nodes.push({ opType, name: `${output}_node`, input, output: [output], attributes });
    return output;
  };
  /** Quantises a value that `from` holds. */
  const quantize = (value: string, from = value) => {
    const known = turned.get(value);
    if (known !== undefined) return known;
    const { scale, zero } = gridOf(statisticsOf(value), bits);
    const parameters = [
      keep(`${value}_scale`, [], Float32Array.of(scale)),
      keep(`${value}_zero`, [], Uint8Array.of(zero)),
    ];
    // Eight bits end where bytes do, by which numbers beyond are cut off.
    const within = bits === 8 ? from : node("Clip", [
      from,
      keep(`${value}_low`, [], Float32Array.of(-zero * scale)),
      keep(`${value}_high`, [], Float32Array.of((2 ** bits - 1 - zero) * scale)),
    ], `${value}_within`);
    const whole = node("QuantizeLinear", [within, ...parameters], `${value}_whole`);
    const result = {
      value: node("DequantizeLinear", [whole, ...parameters], `${value}_turned`),
      scale,
    };
    turned.set(value, result);
    return result;
  };
  const weight = (tensor: OnnxTensor, axis: number) => {
    const { name, dims } = tensor, floats = floatsOf(tensor);
    const { whole, scales } = quantizeWeight(floats, dims, { axis, bits });
    const parts = [
      keep(`${name}_whole`, dims, whole),
      keep(`${name}_scale`, [scales.length], scales),
      keep(`${name}_zero`, [scales.length], new Int8Array(scales.length)),
    ];
    const rounding = roundingOf(floats, whole, scales, { dims, axis });
    return { value: node("DequantizeLinear", parts, `${name}_turned`, axis), scales, rounding };
  };
  const bias = (tensor: OnnxTensor, scales: Float32Array, shift: Float32Array) => {
    const { name } = tensor;
    const whole = Int32Array.from(
      floatsOf(tensor),
      (value, i) => Math.round((value - shift[i]!) / scales[i]!),
    );
    const parts = [
      keep(`${name}_whole`, [whole.length], whole),
      keep(`${name}_scale`, [scales.length], scales),
      keep(`${name}_zero`, [scales.length], new Int32Array(scales.length)),
    ];
    return node("DequantizeLinear", parts, `${name}_turned`, 0);
  };
  /** Quantises what a node gives, after the function that alone takes it: cut off at zero by the range itself. */
  const quantizeOutput = (output: string) => {
    const [next, ...others] = users.get(output) ?? [];
    const isCut = next !== undefined && others.length === 0 &&
      ["Relu", "Clip"].includes(next.opType);
    if (isCut) skipped.add(next);
    quantize(isCut ? next.output[0]! : output, output);
  };

  for (const own of model.nodes) {
    if (skipped.has(own)) continue;
    const [first = "", second = "", third = ""] = own.input, [output = ""] = own.output;
    const kernel = weights.get(second);
    const isProduct = own.opType === "MatMul" && kernel?.dims.length === 2;
    if ((own.opType === "Conv" || isProduct) && kernel !== undefined) {
      const input = quantize(first), folded = weight(kernel, isProduct ? 1 : 0);
      const others = third === "" ? [] : [bias(
        weights.get(third)!,
        folded.scales.map((scale) => scale * input.scale),
        meanShift(folded.rounding, kernel.dims, statisticsOf(first).means),
      )];
      nodes.push({ ...own, input: [input.value, folded.value, ...others] });
      if (!isProduct) quantizeOutput(output);
      continue;
    }
    const input = own.input.map((value) => turned.get(value)?.value ?? value);
    nodes.push({ ...own, input });
    const isSum = own.opType === "Add" && own.input.every((value) => turned.has(value));
    if (isSum) quantizeOutput(output);
  }
  const used = new Set(nodes.flatMap(({ input }) => input));
  const tensors = model.tensors.filter(({ name }) => used.has(name));
  return { ...model, nodes, tensors: [...tensors, ...added.values()] };
}

/** The step between whole numbers, and the one that stands for zero, which is always among them. */
function gridOf(
  { low, high }: ActivationStatistics,
  bits: number,
): { scale: number; zero: number } {
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  const scale = (to - from) / (2 ** bits - 1) || 1;
  return { scale, zero: Math.round(-from / scale) };
}

/**
 * Weights as whole numbers, with a scale for each place along an axis. Of eight bits a sum over channels takes seven:
 * two products with an activation's eight then fit into the sixteen in which processors without VNNI add them.
 * Filters of single channels are multiplied one by one.
 */
export function quantizeWeight(
  values: Float32Array,
  dims: readonly number[],
  { axis, bits }: { readonly axis: number; readonly bits: number },
): { whole: Int8Array; scales: Float32Array } {
  const after = dims.slice(axis + 1).reduce((size, one) => size * one, 1), count = dims[axis]!;
  const channelOf = (i: number) => Math.floor(i / after) % count;
  const scales = new Float32Array(count);
  const most = 2 ** (isFilter(dims) ? bits - 1 : bits - 2) - 1;
  values.forEach((value, i) => {
    scales[channelOf(i)] = Math.max(scales[channelOf(i)]!, Math.abs(value) / most);
  });
  scales.forEach((scale, i) => scales[i] = scale || 1);
  const whole = Int8Array.from(values, (value, i) => Math.round(value / scales[channelOf(i)]!));
  return { whole, scales };
}

/** Whether weights filter each channel by itself. */
function isFilter(dims: readonly number[]): boolean {
  return dims.length === 4 && dims[1] === 1;
}

/** What rounding adds to each weight. */
function roundingOf(
  values: Float32Array,
  whole: Int8Array,
  scales: Float32Array,
  { dims, axis }: { readonly dims: readonly number[]; readonly axis: number },
): Float32Array {
  const after = dims.slice(axis + 1).reduce((size, one) => size * one, 1);
  return values.map((value, i) =>
    whole[i]! * scales[Math.floor(i / after) % scales.length]! - value
  );
}

/**
 * By how much rounded weights shift the mean of a convolution's outputs, which its bias takes off again.
 *
 * @source Nagel et al., Data-free quantization through weight equalization and bias correction, ICCV 2019,
 *   section 4.2.
 */
function meanShift(
  rounding: Float32Array,
  dims: readonly number[],
  means: Float32Array,
): Float32Array {
  const [outputs = 0, inputs = 0, ...sides] = dims,
    taps = sides.reduce((size, one) => size * one, 1);
  const shift = new Float32Array(outputs);
  rounding.forEach((value, i) => {
    const output = Math.floor(i / (inputs * taps)), input = Math.floor(i / taps) % inputs;
    shift[output]! += value * (means[isFilter(dims) ? output : input] ?? 0);
  });
  return shift;
}

function floatsOf({ rawData }: OnnxTensor): Float32Array {
  return new Float32Array(rawData.slice().buffer);
}

function typeOf(data: Int8Array | Uint8Array | Int32Array | Float32Array): number {
  if (data instanceof Int8Array) return elementTypes.int8;
  if (data instanceof Uint8Array) return elementTypes.uint8;
  return data instanceof Int32Array ? elementTypes.int32 : elementTypes.float32;
}
