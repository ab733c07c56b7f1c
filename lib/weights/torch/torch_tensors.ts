/**
 * Weights of PyTorch checkpoints in the old layout, which is a series of pickles. Pickles can run
 * code, so they are not opened: a side file, made once, says where the numbers of each tensor lie.
 *
 * @module
 */
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import type { FloatTensor } from "../safetensors/safetensors.ts";

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
 * Reads every tensor of a checkpoint.
 *
 * @param bytes The checkpoint.
 * @param index The parsed side file.
 * @throws {UserError} Where the side file has another form, or does not fit the checkpoint.
 *
 * @example
 * ```ts
 * import { readTorchTensors } from "@hashigo/hashigo";
 * const bytes = new Uint8Array([0, ...new Uint8Array(Float32Array.of(1.5).buffer)]);
 * const tensors = [{ name: "w", shape: [1], dtype: "float32", offset: 1, bytes: 4 }];
 * const found = readTorchTensors(bytes, { bytes: 5, byte_order: "little", tensors });
 * if (found.get("w")?.data[0] !== 1.5) throw new Error();
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
    const expected = shape.reduce((product, length) => product * length, 4);
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
 * A convolution and the batch normalisation after it as one convolution, for a frozen network:
 * `weight * g` and `bias - mean * g`, with `g = gamma / sqrt(variance + epsilon)` per output.
 *
 * @param tensors A checkpoint, with the names of PyTorch's `Conv2d` and `BatchNorm2d`.
 * @param convolution Name of the convolution, without bias; weight `[out, in, height, width]`.
 * @param options `normalization`: name of the batch normalisation; `epsilon`: default 1e-5.
 * @returns Weight `[height, width, in, out]`, bias `[out]`.
 * @throws {UserError} Where a tensor is missing or has another shape.
 *
 * @example
 * ```ts
 * import { foldBatchNorm } from "@hashigo/hashigo";
 * const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
 * const tensors = new Map([
 *   ["conv.weight", { shape: [1, 1, 1, 1], data: Float32Array.of(3) }],
 *   ["bn.weight", one(2)], ["bn.bias", one(1)],
 *   ["bn.running_mean", one(5)], ["bn.running_var", one(4)],
 * ]);
 * const folded = foldBatchNorm(tensors, "conv", { normalization: "bn", epsilon: 0 });
 * if (folded.weight.data[0] !== 3 || folded.bias.data[0] !== -4) throw new Error();
 * ```
 */
export function foldBatchNorm(
  tensors: ReadonlyMap<string, FloatTensor>,
  convolution: string,
  options: { readonly normalization: string; readonly epsilon?: number },
): { readonly weight: FloatTensor; readonly bias: FloatTensor } {
  const { normalization, epsilon = 1e-5 } = options;
  const { shape, data } = tensorOf(tensors, `${convolution}.weight`, 4);
  const [out = 0, inputs = 0, height = 0, width = 0] = shape;
  const perOutput = (name: string) => {
    const found = tensorOf(tensors, `${normalization}.${name}`, 1).data;
    if (found.length !== out) throw mismatch(`${found.length} numbers of ${name}, expected ${out}`);
    return found;
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
    weight[((at % area) * inputs + i) * out + o] = value * (gain[o] ?? 0);
  });
  return {
    weight: { shape: [height, width, inputs, out], data: weight },
    bias: { shape: [out], data: bias },
  };
}

/**
 * The tensor of that name and rank.
 *
 * @throws {UserError} Where there is none.
 *
 * @example
 * ```ts
 * import { tensorOf } from "@hashigo/hashigo";
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

function mismatch(found: string): UserError {
  return new UserError(
    `Cannot read the PyTorch checkpoint by its side file: found ${found}. ` +
      "The two files do not belong together, or one is damaged: restore both",
  );
}
