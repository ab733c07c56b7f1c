/**
 * Reads weights of quantised TensorFlow Lite networks. A side file, made once by parsing the
 * network, holds the position, scale and shape of each tensor, so that no FlatBuffers reader is
 * needed.
 *
 * @source TensorFlow Lite, "8-bit quantization specification".
 *
 * @module
 */
import { z } from "zod";
import { UserError } from "../errors/user_error.ts";
import { elementCount, type FloatTensor } from "./host_tensor.ts";

const count = z.number().int().nonnegative();
const pair = z.tuple([count.positive(), count.positive()]);
const tensorSchema = z.object({
  index: count,
  name: z.string(),
  shape: z.array(count),
  dtype: z.enum(["uint8", "int32", "int64"]),
  scale: z.array(z.number()).length(1).optional(),
  zero_point: z.array(z.number().int()).length(1).optional(),
  offset: count.optional(),
  bytes: count.optional(),
});
const operationSchema = z.object({
  op: z.string(),
  inputs: z.array(count),
  stride: pair.optional(),
  dilation: pair.optional(),
  activation: z.string().optional(),
  padding: z.string().optional(),
});
const indexSchema = z.object({
  bytes: count,
  byte_order: z.literal("little"),
  tensors: z.array(tensorSchema),
  ops: z.array(operationSchema),
});
type TensorEntry = z.infer<typeof tensorSchema>;

const KINDS = {
  CONV_2D: "convolution",
  DEPTHWISE_CONV_2D: "depthwise",
  FULLY_CONNECTED: "linear",
} as const;

/** An operation with weights, dequantised to float32, in the layouts of this package. */
export interface TfliteLayer {
  /** The operation that uses the weight. */
  readonly kind: "convolution" | "depthwise" | "linear";
  /** Name of the weight in the file. */
  readonly name: string;
  /** `[height, width, in, out]`, depthwise `[height, width, channels, 1]`, linear `[in, out]`. */
  readonly weight: FloatTensor;
  /** Added to the outputs, `[out]`. */
  readonly bias: FloatTensor;
  /** Pixels between outputs, along both axes. */
  readonly stride: number;
  /** Pixels between weights, along both axes. */
  readonly dilation: number;
  /** Name of the activation in the file: NONE, RELU, RELU6. */
  readonly activation: string;
}

/**
 * Reads the layers of a network in the order in which they run, dequantised: real = (q - zero
 * point) * scale.
 *
 * @param bytes The .tflite file.
 * @param index The parsed side file.
 * @throws {UserError} Where the side file has another form, or does not fit the network.
 *
 * @example
 * ```ts
 * import { readTfliteLayers } from "@hashigo/hashigo/weights";
 * const tensors = [
 *   { index: 0, name: "x", shape: [1, 1], dtype: "uint8" },
 *   { index: 1, name: "w", shape: [1, 1], dtype: "uint8", scale: [0.5], zero_point: [3], offset: 0, bytes: 1 },
 *   { index: 2, name: "b", shape: [1], dtype: "int32", scale: [2], zero_point: [0], offset: 1, bytes: 4 },
 * ];
 * const ops = [{ op: "FULLY_CONNECTED", inputs: [0, 1, 2], activation: "NONE" }];
 * const index = { bytes: 5, byte_order: "little", tensors, ops };
 * const [layer] = readTfliteLayers(Uint8Array.of(7, 255, 255, 255, 255), index);
 * if (layer?.weight.data[0] !== 2 || layer.bias.data[0] !== -2) throw new Error();
 * ```
 */
export function readTfliteLayers(bytes: Uint8Array, index: unknown): TfliteLayer[] {
  const parsed = indexSchema.safeParse(index);
  if (!parsed.success) throw mismatch(z.prettifyError(parsed.error));
  const { tensors, ops, bytes: size } = parsed.data;
  if (size !== bytes.length) throw mismatch(`${bytes.length} bytes, expected ${size}`);

  const entries = new Map(tensors.map((tensor) => [tensor.index, tensor]));
  let left = size;
  const read = (position: number | undefined) => {
    const entry = entries.get(position ?? -1);
    if (entry === undefined) throw mismatch(`an operation on the unknown tensor ${position}`);
    // A small index could otherwise name one large tensor a million times.
    left -= entry.bytes ?? 0;
    if (left < 0) throw mismatch(`more weights than ${size} bytes can hold`);
    return { name: entry.name, ...dequantise(bytes, entry) };
  };
  return ops.flatMap(({ op, inputs, stride, dilation, activation }) => {
    if (op !== "CONV_2D" && op !== "DEPTHWISE_CONV_2D" && op !== "FULLY_CONNECTED") return [];
    const kind = KINDS[op];
    const { name, ...weight } = read(inputs[1]);
    const { name: _, ...bias } = read(inputs[2]);
    return [{
      kind,
      name,
      weight: reorder(kind, weight),
      bias,
      stride: square(stride, name),
      dilation: square(dilation, name),
      activation: activation ?? "NONE",
    }];
  });
}

function dequantise(file: Uint8Array, entry: TensorEntry) {
  const { name, shape, dtype, offset, bytes, scale, zero_point } = entry;
  if (offset === undefined || bytes === undefined || dtype === "int64") {
    throw mismatch(`no weights for the tensor "${name}"`);
  }
  const width = dtype === "uint8" ? 1 : 4;
  const length = elementCount(shape);
  if (length * width !== bytes || offset + bytes > file.length) {
    throw mismatch(
      `${bytes} bytes at ${offset} for "${name}", expected ${length * width} within ${file.length}`,
    );
  }
  const step = scale?.[0];
  if (step === undefined) throw mismatch(`no scale for the tensor "${name}"`);
  const zero = zero_point?.[0] ?? 0;
  // Offsets need not be multiples of four, so 32-bit numbers are read through a view.
  const view = new DataView(file.buffer, file.byteOffset + offset, bytes);
  const data = Float32Array.from({ length }, (_, at) => {
    const q = width === 1 ? view.getUint8(at) : view.getInt32(at * 4, true);
    return (q - zero) * step;
  });
  return { shape, data };
}

/** `[out, height, width, in]`, `[1, height, width, channels]` or `[out, in]` to our layouts. */
function reorder(kind: TfliteLayer["kind"], weight: { shape: number[]; data: Float32Array }) {
  const { shape, data } = weight;
  const [first = 1, ...rest] = shape;
  if (kind === "depthwise") {
    if (first !== 1 || rest.length !== 3) throw mismatch(`a depthwise weight [${shape}]`);
    return { shape: [...rest, 1], data };
  }
  if (rest.length !== (kind === "linear" ? 1 : 3)) throw mismatch(`a ${kind} weight [${shape}]`);
  const size = data.length / first;
  const moved = new Float32Array(data.length);
  data.forEach((value, at) => moved[(at % size) * first + Math.floor(at / size)] = value);
  return { shape: [...rest, first], data: moved };
}

function square(pair: readonly number[] | undefined, name: string): number {
  const [rows = 1, columns = rows] = pair ?? [];
  if (rows !== columns) {
    throw mismatch(`a stride or dilation of ${rows} by ${columns} in "${name}"`);
  }
  return rows;
}

function mismatch(fault: string): UserError {
  return new UserError(
    `Cannot read the TensorFlow Lite network by its side file: found ${fault}. ` +
      "The two files do not belong together, or one is damaged: restore both",
  );
}
