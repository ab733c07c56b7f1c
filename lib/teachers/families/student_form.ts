/** A transformer that was trained by others, seen as one that a student can be. */
import type { EncoderConfig } from "../../nn/encoder.ts";
import { layerNormEpsilon } from "../../nn/layer_norm.ts";
import type { Backbone } from "../backbone.ts";
import type {
  FrozenTransformerConfig,
  FrozenTransformerParameters,
} from "../frozen_transformer.ts";

/**
 * The shape of a student with the same parameters, and how its positions are interpolated; or what keeps it
 * from being a student. Parameters have the names of a student's; the positions of some lack CLS.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { initVisionTransformer } from "@hashigo/hashigo/nn";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { studentForm } from "./student_form.ts";
 * await startEngine();
 * const shape = { patchSize: 8, width: 8, depth: 1, heads: 2 };
 * const parameters = initVisionTransformer({ ...shape, imageSize: 16 }, randomStream(0));
 * const { encoder, unlikeStudents } = studentForm(parameters, {
 *   ...shape,
 *   grid: [2, 2],
 *   positions: { offset: 0, antialias: true },
 *   epsilon: 1e-5,
 *   activation: "gelu",
 * });
 * if (encoder !== undefined || !unlikeStudents?.includes("0.00001")) throw new Error("Another norm");
 * ```
 */
export function studentForm(
  parameters: FrozenTransformerParameters,
  config: FrozenTransformerConfig,
): Pick<Backbone, "encoder" | "unlikeStudents" | "positions"> {
  const reason = difference(parameters, config);
  if (reason !== undefined) return { unlikeStudents: reason };
  const { patchSize, width, depth, heads, grid, positions } = config;
  const { registers, stem, blocks } = parameters, first = blocks[0]!;
  const encoder: EncoderConfig = {
    ...{ imageSize: grid[0] * patchSize, patchSize, width, depth, heads },
    mlpRatio: first.mlp.output.weight.shape[0] / width,
    // Absent where there are none.
    ...registers && { registers: registers.shape[0] },
    ...first.scale1 && { layerScale: 1 },
    ..."stages" in stem && { stem: "convolution" as const },
  };
  return { encoder, positions };
}

/** What it has that no student has, or lacks that all have. */
function difference(
  { stem, embeddingNorm, blocks, norm, meanNorm, projection }: FrozenTransformerParameters,
  { epsilon, activation }: FrozenTransformerConfig,
): string | undefined {
  if (embeddingNorm !== undefined) return "its tokens pass a norm before the first block";
  if (!("stages" in stem) && stem.bias === undefined) return "its patch embedding has no bias";
  if (Object.values(blocks).some(({ mlp }) => "gates" in mlp)) return "its MLPs are gated (SwiGLU)";
  if (activation !== "gelu") return "its activation is the quick GELU, a student's the exact one";
  if (meanNorm !== undefined) return "its CLS is the normalised mean of its patches";
  if (projection !== undefined) return "its features are projected";
  if (norm === undefined) return "it has no norm after its last block";
  if (epsilon === layerNormEpsilon) return undefined;
  return `its norms add ${decimal(epsilon)} to a variance, a student's ${
    decimal(layerNormEpsilon)
  }`;
}

function decimal(value: number): string {
  return value.toFixed(7).replace(/0+$/, "");
}
