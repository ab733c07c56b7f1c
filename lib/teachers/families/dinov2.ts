import { referencePositions } from "../../nn/position.ts";
import type { TeacherFamily } from "./family.ts";
import {
  blocks,
  embedding,
  heads,
  layerScales,
  norm,
  registers,
  timmFamily,
} from "./tensor_names.ts";

/**
 * DINOv2 (Oquab et al., 2023), with and without registers (Darcet et al., 2024): patches of 14,
 * positions for 518 pixels. UNIC-L learns from the giant.
 *
 * - LayerScale in every block, `ls1.gamma` and `ls2.gamma`; our exports of students without it are
 *   read too.
 * - Blocks in a row or in chunks, and the names of Hugging Face's transformers.
 * - The giant has a gated MLP (SwiGLU) with gates and values in one layer, `mlp.w12`, and `mlp.w3`;
 *   it is recognised by these names.
 * - Registers (`register_tokens`) stand between CLS and patches without positions.
 * - Positions at other sizes: without registers bicubic over (to + 0.1) / from without antialiasing;
 *   with registers bicubic to the size with antialiasing.
 * - The embedding of masked patches (`mask_token`) and the heads of a training run are not read.
 */
export const dinov2: TeacherFamily = {
  ...timmFamily,
  ignored: [/^mask_token$/, heads],
  positions: (tensors) =>
    tensors.has("register_tokens") ? { offset: 0, antialias: true } : referencePositions,
  expected: (tensors, depth) => [
    ...embedding("1+patches"),
    ...registers(tensors.has("register_tokens")),
    ...blocks(depth, {
      scales: layerScales(tensors),
      gated: tensors.has("blocks.0.mlp.w12.weight"),
    }),
    ...norm("norm", "norm"),
  ],
};
