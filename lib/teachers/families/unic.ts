import { referencePositions } from "../../nn/position.ts";
import type { TeacherFamily } from "./family.ts";
import {
  blocks,
  embedding,
  layerScales,
  norm,
  registers,
  stemStages,
  timmFamily,
} from "./tensor_names.ts";

/**
 * UNIC's own students (Sariyildiz et al., 2024) in the checkpoints of the reference: DINOv2's class of
 * transformer, its blocks in one chunk, under `encoder.`.
 *
 * - Final norm on all tokens: it is never trained, but applied whenever features are used.
 * - LayerScale and registers are recognised under DINOv2's names, and a stem of convolutions under
 *   those that `deno task export` gives it; UNIC has none of them.
 * - The projectors (`lp.`) and the embedding of masked patches are not read.
 * - The authors' weights are under CC BY-NC-SA 4.0; those that `deno task export` writes are yours.
 */
export const unic: TeacherFamily = {
  ...timmFamily,
  licence: "CC-BY-NC-SA-4.0",
  ignored: [/^lp\./, /^encoder\.mask_token$/],
  positions: () => referencePositions,
  anchors: ["encoder.patch_embed.proj.weight", "encoder.patch_embed.output.weight"],
  blockPrefix: "encoder.blocks.0.",
  expected: (tensors, depth) =>
    [
      ...embedding("1+patches", stemStages(tensors)),
      ...registers(tensors.has("encoder.register_tokens")),
      ...blocks(
        depth,
        { scales: layerScales(tensors) },
      ),
      ...norm("norm", "norm"),
    ].map((tensor) => ({
      ...tensor,
      from: `encoder.${tensor.from.replace(/^blocks\./, "blocks.0.")}`,
    })),
};
