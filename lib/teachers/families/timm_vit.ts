import type { ExpectedTensor } from "./checkpoint_tensors.ts";
import type { TeacherFamily } from "./family.ts";
import { blocks, embedding, heads, layerScales, norm, timmFamily } from "./tensor_names.ts";

/**
 * Plain vision transformers under the names of timm, such as those trained on labels of ImageNet-21K
 * (Steiner et al., 2021).
 *
 * - LayerScale (`ls1.gamma`), registers (`reg_token`) and positions without CLS are recognised. A
 *   square count of positions without registers may also be CLS and an oblong grid: then the size of
 *   the images must be given.
 * - Normalised with 0.5 and 0.5, as the ImageNet-21K networks are; give `mean` and `std` where a model's
 *   card says otherwise.
 * - Positions at other sizes: bicubic to the size with antialiasing. The classifier (`head.`) is not
 *   read. A network with `fc_norm` instead of `norm` averages its patches: load it as `dbot_ft`.
 */
export const timmVit: TeacherFamily = {
  ...timmFamily,
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  varies: "normalization",
  licence: "NOASSERTION",
  ignored: [heads, /^pre_logits\./],
  doubt: (tensors, { side, patchSize, inputSize }) =>
    tensors.has("reg_token") || inputSize === side * patchSize ||
      tensors.get("pos_embed")?.shape[1] !== side ** 2
      ? undefined
      : `${side ** 2} positions are ${side} x ${side} patches without CLS, or CLS and ${
        side ** 2 - 1
      } in an oblong grid: say that images are square by their size (inputSize ${
        side * patchSize
      }, or @${side * patchSize} behind the file)`,
  positions: () => ({ offset: 0, antialias: true }),
  expected: (tensors, depth) => [
    ...embedding(isSquare(tensors.get("pos_embed")?.shape[1] ?? 0) ? "patches" : "1+patches"),
    ...tensors.has("reg_token") ? [registers] : [],
    ...blocks(depth, { scales: layerScales(tensors) }),
    ...norm("norm", "norm"),
  ],
};

const registers: ExpectedTensor = {
  from: "reg_token",
  shape: [1, "registers", "width"],
  to: "registers",
  as: "rows",
};

function isSquare(count: number): boolean {
  return count > 1 && Number.isInteger(Math.sqrt(count));
}
