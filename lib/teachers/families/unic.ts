import { referencePositions } from "../../nn/position.ts";
import type { TeacherFamily } from "./family.ts";
import { blocks, embedding, layerScales, norm, registers, timmFamily } from "./tensor_names.ts";

/**
 * UNIC's own students (Sariyildiz et al., 2024) in the checkpoints of the reference: DINOv2's class of
 * transformer, its blocks in one chunk, under `encoder.`.
 *
 * - Final norm on all tokens: it is never trained, but applied whenever features are used.
 * - LayerScale and registers are recognised under DINOv2's names; UNIC has neither.
 * - The projectors (`lp.`) and the embedding of masked patches are not read.
 * - The authors' weights are under CC BY-NC-SA 4.0; those that `deno task export` writes are yours.
 */
export const unic: TeacherFamily = {
  ...timmFamily,
  licence: "CC-BY-NC-SA-4.0",
  ignored: [/^lp\./, /^encoder\.mask_token$/],
  positions: () => referencePositions,
  blockPrefix: "encoder.blocks.0.",
  expected: (tensors, depth) =>
    [
      ...embedding("1+patches"),
      ...registers(tensors.has("encoder.register_tokens")),
      ...blocks(
        depth,
        { scales: layerScales(tensors.has("encoder.blocks.0.0.ls1.gamma")) },
      ),
      ...norm("norm", "norm"),
    ].map((tensor) => ({
      ...tensor,
      from: `encoder.${tensor.from.replace(/^blocks\./, "blocks.0.")}`,
    })),
};
