/**
 * The content of written.pth, which tests/golden/weights/checkpoints.py lets the package write and PyTorch
 * read.
 */
import type { TorchTree } from "../../lib/weights/torch/torch_writer.ts";
import { fillValues } from "../golden_values_fixture.ts";

const weight = { shape: [3, 2, 2], data: fillValues(12, 1) };

export const tree: TorchTree = {
  epoch: 3,
  steps: 2 ** 40,
  negative: -7,
  rate: 0.1,
  name: "ViT-µ",
  empty: {},
  model: {
    "module.weight": weight,
    "module.part": { shape: [2, 2], data: weight.data.subarray(4, 8) },
    "module.scalar": { shape: [], data: Float32Array.of(-2.5) },
    "module.none": { shape: [0, 3], data: new Float32Array() },
  },
};
