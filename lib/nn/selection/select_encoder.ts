/** The weights of a smaller encoder out of a larger one of its kind. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import type { StagesParameters } from "../convolutional/network.ts";
import { type EncoderParameters } from "../encoder.ts";
import { type EncoderConfig, isTransformer } from "../encoder.ts";
import { type PositionRule, resamplePositions } from "../position.ts";
import {
  studentGrid,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "../vision_transformer.ts";
import { withScales } from "../convolutional/scales.ts";
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
 * Selects the parameters of `target` from those of `source`; of equal encoders, all. Positions are
 * interpolated to the target's grid. Factors of a convolutional source's channels are folded where the target
 * has none, and ones where only the target has them.
 *
 * @param options positions: how they are interpolated. Default: as a student's.
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
  options: { readonly positions?: PositionRule | undefined } = {},
): EncoderParameters {
  const reason = selectionMisfit(source, target);
  if (reason === undefined && isTransformer(source) && isTransformer(target)) {
    const own = parameters as VisionTransformerParameters, rule = options.positions;
    const placed = withGrid(own, source, { target, rule });
    return selectTransformer(placed, source, target);
  }
  if (reason === undefined && !isTransformer(source) && !isTransformer(target)) {
    const scaled = withScales(parameters as StagesParameters, target.scaled ?? false);
    return selectStages(scaled, source, target);
  }
  throw new UserError(
    `Cannot select an encoder from another: ${reason}. Choose one of its kind that is no larger`,
  );
}

/** A source with positions for the target's grid; those of a network whose CLS has none get zeros in front. */
export function withGrid(
  { position, ...rest }: VisionTransformerParameters,
  source: VisionTransformerConfig,
  { target, rule }: {
    readonly target: VisionTransformerConfig;
    readonly rule: PositionRule | undefined;
  },
): VisionTransformerParameters {
  const from = studentGrid(source), to = studentGrid(target);
  const resampled = resamplePositions(position, from, to, rule);
  const hasCls = resampled.shape[0] > to[0] * to[1];
  return { ...rest, position: hasCls ? resampled : tf.pad(resampled, [[1, 0], [0, 0]]) };
}
