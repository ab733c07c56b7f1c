/**
 * Reads weights of PyTorch checkpoints by a side file, made once, that holds the position and shape
 * of each tensor, so that no pickle is read; and folds batch normalisation into convolutions.
 *
 * @module
 */
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import { elementCount, type FloatTensor } from "../host_tensor.ts";

const count = z.number().int().nonnegative();
const indexSchema = z.object({
  bytes: count,
  byte_order: z.literal("little"),
  tensors: z.array(z.object({
    name: z.string(),
    shape: z.array(count),
    dtype: z.literal("float32"),
    offset: count,
    bytes: count,
  })),
});

/**
 * Reads every tensor of a checkpoint by its side file.
 *
 * @param bytes The checkpoint.
 * @param index The parsed side file.
 * @throws {UserError} Where the side file has another form, or does not fit the checkpoint.
 *
 * @example
 * ```ts
 * import { readTorchTensors } from "@hashigo/hashigo/weights";
 * const bytes = new Uint8Array([0, ...new Uint8Array(Float32Array.of(1.5).buffer)]);
 * const tensors = [{ name: "w", shape: [1], dtype: "float32", offset: 1, bytes: 4 }];
 * const weights = readTorchTensors(bytes, { bytes: 5, byte_order: "little", tensors });
 * if (weights.get("w")?.data[0] !== 1.5) throw new Error();
 * ```
 */
export function readTorchTensors(bytes: Uint8Array, index: unknown): Map<string, FloatTensor> {
  const parsed = indexSchema.safeParse(index);
  if (!parsed.success) throw mismatch(z.prettifyError(parsed.error));
  if (parsed.data.bytes !== bytes.length) {
    throw mismatch(`${bytes.length} bytes, expected ${parsed.data.bytes}`);
  }
  const tensors = new Map<string, FloatTensor>();
  let left = bytes.length;
  for (const { name, shape, offset, bytes: size } of parsed.data.tensors) {
    const expected = 4 * elementCount(shape);
    left -= size;
    if (left < 0) throw mismatch(`more tensors than ${bytes.length} bytes can hold`);
    if (size !== expected || offset + size > bytes.length) {
      throw mismatch(`${size} bytes at ${offset} for "${name}", expected ${expected}`);
    }
    // Offsets need not be multiples of four, so the slice is copied before it is seen as numbers.
    const data = new Float32Array(new Uint8Array(bytes.subarray(offset, offset + size)).buffer);
    if (tensors.has(name)) throw mismatch(`the tensor "${name}" twice`);
    tensors.set(name, { shape, data });
  }
  return tensors;
}

/**
 * Joins a convolution and the batch normalisation after it to one convolution of a frozen network:
 * `weight * g` and `bias - mean * g`, with `g = gamma / sqrt(variance + epsilon)` per output. Or only the
 * bias is joined, and the factor `g` stands beside the weight.
 *
 * @param tensors A checkpoint, with the names of PyTorch's `Conv2d` and `BatchNorm2d`.
 * @param convolution Name of the convolution, without bias; weight `[out, in, height, width]`.
 * @param options normalization: name of the batch normalisation; epsilon: added to the variance,
 *   default 1e-5; scaled: whether the factor stays apart, default false.
 * @returns Weight `[height, width, in, out]`, bias `[out]`, and where it stays apart the factor, `[out]`.
 * @throws {UserError} Where a tensor is missing or has another shape.
 *
 * @example
 * ```ts
 * import { foldBatchNorm } from "@hashigo/hashigo/weights";
 * const scalar = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
 * const tensors = new Map([
 *   ["conv.weight", { shape: [1, 1, 1, 1], data: Float32Array.of(3) }],
 *   ["bn.weight", scalar(2)], ["bn.bias", scalar(1)],
 *   ["bn.running_mean", scalar(5)], ["bn.running_var", scalar(4)],
 * ]);
 * const folded = foldBatchNorm(tensors, "conv", { normalization: "bn", epsilon: 0 });
 * if (folded.weight.data[0] !== 3 || folded.bias.data[0] !== -4) throw new Error();
 * ```
 */
export function foldBatchNorm(
  tensors: ReadonlyMap<string, FloatTensor>,
  convolution: string,
  options: {
    readonly normalization: string;
    readonly epsilon?: number | undefined;
    readonly scaled?: boolean | undefined;
  },
): { readonly weight: FloatTensor; readonly bias: FloatTensor; readonly scale?: FloatTensor } {
  const { normalization, epsilon = 1e-5, scaled = false } = options;
  const { shape, data } = tensorOf(tensors, `${convolution}.weight`, 4);
  const [out = 0, inputs = 0, height = 0, width = 0] = shape;
  const perOutput = (name: string) => {
    const { data } = tensorOf(tensors, `${normalization}.${name}`, 1);
    if (data.length !== out) throw mismatch(`${data.length} numbers of ${name}, expected ${out}`);
    return data;
  };
  const gamma = perOutput("weight");
  const variance = perOutput("running_var");
  const mean = perOutput("running_mean");
  const gain = Array.from(gamma, (value, o) => value / Math.sqrt((variance[o] ?? 0) + epsilon));
  const bias = perOutput("bias").map((value, o) => value - (mean[o] ?? 0) * (gain[o] ?? 0));

  const area = height * width;
  const weight = new Float32Array(data.length);
  data.forEach((value, at) => {
    const o = Math.floor(at / (inputs * area));
    const i = Math.floor(at / area) % inputs;
    weight[((at % area) * inputs + i) * out + o] = scaled ? value : value * (gain[o] ?? 0);
  });
  return {
    weight: { shape: [height, width, inputs, out], data: weight },
    bias: { shape: [out], data: bias },
    ...scaled && { scale: { shape: [out], data: Float32Array.from(gain) } },
  };
}

/**
 * The tensor of a name, which must have that rank.
 *
 * @throws {UserError} Where there is no such tensor, or its rank differs.
 *
 * @example
 * ```ts
 * import { tensorOf } from "@hashigo/hashigo/weights";
 * const tensors = new Map([["w", { shape: [1], data: Float32Array.of(3) }]]);
 * if (tensorOf(tensors, "w", 1).data[0] !== 3) throw new Error();
 * ```
 */
export function tensorOf(
  tensors: ReadonlyMap<string, FloatTensor>,
  name: string,
  rank: number,
): FloatTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw mismatch(`no tensor "${name}"`);
  if (tensor.shape.length !== rank) throw mismatch(`"${name}" with the shape [${tensor.shape}]`);
  return tensor;
}

function mismatch(fault: string): UserError {
  return new UserError(
    `Cannot read the PyTorch checkpoint by its side file: found ${fault}. ` +
      "The two files do not belong together, or one is damaged: restore both",
  );
}
