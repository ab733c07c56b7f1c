/**
 * A program in Python that runs an exported student in PyTorch and needs nothing else: it is short
 * enough to be read, and to be copied into a project.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { UserError } from "../errors/user_error.ts";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { readTextIfThere } from "../io/text_file.ts";
import { convolutionalStages } from "../nn/convolutional/convolutional_config.ts";
import { type EncoderConfig, isTransformer } from "../nn/encoder.ts";
import { convolutionalFeatures } from "./convolutional_program.ts";

/** The first words of the program, by which an older one is known. */
const title = '"""A student of Hashigo, run by PyTorch alone:';

/**
 * Writes `student.py` beside a file of weights; one of an earlier export is replaced.
 *
 * @param weights Path of the safetensors file.
 * @param config Shape of the student.
 * @returns The path of the program.
 * @throws {UserError} Where another file of that name is there.
 */
export async function writeStudentProgram(
  weights: string,
  config: EncoderConfig,
): Promise<string> {
  const path = join(dirname(weights), "student.py");
  const found = await readTextIfThere(path);
  if (found !== undefined && !found.startsWith(title)) {
    throw new UserError(
      `Cannot write "${path}": found another program of that name. Choose another folder for ` +
        "--out, or move the program",
    );
  }
  await writeFileAtomic(path, studentProgram(basename(weights), config));
  return path;
}

/**
 * The text of `student.py` for a file of weights in its own folder.
 *
 * @param file Name of the safetensors file, without its folder.
 * @param config Shape of the student; the program of a convolutional one holds its stages.
 */
export function studentProgram(file: string, config: EncoderConfig): string {
  const features = isTransformer(config)
    ? transformerFeatures
    : convolutionalFeatures(convolutionalStages(config));
  return head.replace("FILE", () => JSON.stringify(file)) + features + tail; // which Python reads alike
}

const head = String.raw`"""A student of Hashigo, run by PyTorch alone:

    import student
    weights, config, image = student.load()
    cls, patch = student.features(images, weights, config, image)  # [batch, 3, height, width], in [0, 1]
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F


def load(path=pathlib.Path(__file__).with_name(FILE)):
    """Tensors by name (a matrix is [inputs, outputs]), the architecture, and what images it takes."""
    data = bytearray(pathlib.Path(path).read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    texts = header.pop("__metadata__")
    read = lambda shape, at: torch.frombuffer(data, dtype=torch.float32, count=math.prod(shape), offset=start + at[0])
    weights = {name: read(one["shape"], one["data_offsets"]).reshape(one["shape"]) for name, one in header.items()}
    return weights, json.loads(texts["config"]), json.loads(texts["input"])


`;

const transformerFeatures = String.raw`def features(images, w, config, image):
    """CLS [batch, width] and patches [batch, rows * columns, width], after the final norm."""
    linear = lambda x, name: x @ w[name + ".weight"] + w[name + ".bias"]
    norm = lambda x, name: F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], 1e-6)

    def convolve(x, name, side, stride, padding):
        rows = w[name + ".weight"]  # [side * side * channels, outputs]
        kernel = rows.reshape(side, side, -1, rows.shape[1]).permute(3, 2, 0, 1)
        return F.conv2d(x, kernel, w[name + ".bias"], stride, padding)

    mean, std = (torch.tensor(image[name]).reshape(3, 1, 1) for name in ("mean", "std"))
    x = (F.interpolate(images, [image["size"]] * 2, mode="bilinear", antialias=True) - mean) / std
    patch, depth, registers = config["patchSize"], config["depth"], config.get("registers", 0)
    size, counts = config["width"] // config["heads"], config.get("headCounts", [config["heads"]] * depth)
    if config.get("stem") == "convolution":
        for i in range(round(math.log2(patch))):
            x = convolve(x, f"stem.stages.{i}.convolution", 3, 2, 1)
            x = F.gelu(norm(x.movedim(1, -1), f"stem.stages.{i}.norm")).movedim(-1, 1)
        x = linear(x.flatten(2).mT, "stem.output")
    else:
        x = convolve(x, "stem", patch, patch, 0).flatten(2).mT
    x = torch.cat([w["cls"].expand(len(x), 1, -1), x], 1) + w["position"]
    if registers:
        x = torch.cat([x[:, :1], w["registers"].expand(len(x), -1, -1), x[:, 1:]], 1)
    for i, heads in enumerate(counts):
        block = f"blocks.{i}."
        qkv = linear(norm(x, block + "norm1"), block + "attention.qkv")
        query = (qkv.shape[-1] - heads * size) // 2  # of all heads, which may be narrower than their values
        parts = [part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in qkv.split([query, query, heads * size], -1)]
        attended = F.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
        x = x + linear(attended, block + "attention.output") * w.get(block + "scale1", 1)
        hidden = F.gelu(linear(norm(x, block + "norm2"), block + "mlp.hidden"))
        x = x + linear(hidden, block + "mlp.output") * w.get(block + "scale2", 1)
    x = norm(x, "norm")
    return x[:, 0], x[:, 1 + registers:]
`;

const tail = `

if __name__ == "__main__":
    with torch.inference_mode():
        cls, patch = features(torch.rand(1, 3, 64, 64), *load())
    print("CLS", list(cls.shape), "patches", list(patch.shape))
`;
