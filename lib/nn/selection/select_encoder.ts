/** The weights of a smaller encoder out of a larger one of its kind. */
import type { StagesParameters } from "../convolutional/network.ts";
import { type EncoderConfig, type EncoderParameters, isTransformer } from "../encoder.ts";
import type { VisionTransformerParameters } from "../vision_transformer.ts";
import { selectStages, stagesMisfit } from "./select_stages.ts";
import { selectTransformer, transformerMisfit } from "./select_transformer.ts";

/**
 * What keeps an encoder from being a selection of another, in words that go on "…: it has …"; undefined where
 * nothing does. Equal encoders, but for the size of images, are selections of each other.
 *
 * @example
 * ```ts
 * import { selectionMisfit } from "./select_encoder.ts";
 * const convolutional = { kind: "mobilenet_v2", imageSize: 96 } as const;
 * const transformer = { imageSize: 96, patchSize: 16, width: 64, depth: 2, heads: 2 };
 * if (selectionMisfit(convolutional, transformer) !== "it is a mobilenet_v2") throw new Error();
 * ```
 */
export function selectionMisfit(source: EncoderConfig, target: EncoderConfig): string | undefined {
  if (isTransformer(source)) {
    return isTransformer(target) ? transformerMisfit(source, target) : "it is a transformer";
  }
  return isTransformer(target) ? `it is a ${source.kind}` : stagesMisfit(source, target);
}

/**
 * Selects the parameters of `target` from those of `source`; of equal encoders, all.
 *
 * @throws {UserError} Where {@linkcode selectionMisfit} has something to say.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { selectEncoder } from "./select_encoder.ts";
 * await startEngine();
 * const source = { imageSize: 32, patchSize: 8, width: 64, depth: 4, heads: 4 };
 * const smaller = selectEncoder(initEncoder(source, randomStream(0)), source, { ...source, depth: 2 });
 * if (!("blocks" in smaller) || "2" in smaller.blocks) throw new Error("Expected two blocks");
 * ```
 */
export function selectEncoder(
  parameters: EncoderParameters,
  source: EncoderConfig,
  target: EncoderConfig,
): EncoderParameters {
  if (isTransformer(source) && isTransformer(target)) {
    return selectTransformer(parameters as VisionTransformerParameters, source, target);
  }
  if (isTransformer(source) || isTransformer(target)) throw new Error("unlike kinds");
  return selectStages(parameters as StagesParameters, source, target);
}
