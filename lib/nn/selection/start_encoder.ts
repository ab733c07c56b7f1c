/** The weights with which an encoder begins that starts from another one of its kind, smaller or larger. */
import type { RandomStream } from "../../tensors/random.ts";
import { type EncoderConfig, type EncoderParameters, isTransformer } from "../encoder.ts";
import type { PositionRule } from "../position.ts";
import type { VisionTransformerParameters } from "../vision_transformer.ts";
import { growthMisfit, growTransformer } from "./grow_transformer.ts";
import { selectEncoder, selectionMisfit, withGrid } from "./select_encoder.ts";

/**
 * What keeps an encoder from beginning as another one, in words that go on "…: it has …"; undefined where
 * nothing does: where it is a selection of the other, or a transformer that grows out of it.
 *
 * @example
 * ```ts
 * import { startMisfit } from "./start_encoder.ts";
 * const small = { imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2 };
 * const wide = { ...small, width: 64, heads: 4 };
 * if (startMisfit(small, wide) !== undefined || startMisfit(wide, small) !== undefined) throw new Error();
 * if (startMisfit(small, { ...wide, width: 48, heads: 3 }) === undefined) throw new Error("Not a multiple");
 * ```
 */
export function startMisfit(source: EncoderConfig, target: EncoderConfig): string | undefined {
  const reason = selectionMisfit(source, target);
  if (reason === undefined || !isTransformer(source) || !isTransformer(target)) return reason;
  return growthMisfit(source, target);
}

/**
 * The parameters of `target` out of those of `source`: a selection where it is no larger, else grown so that it
 * computes what the source does. Positions are interpolated to the target's grid.
 *
 * @param options positions: how they are interpolated, default as a student's; random: draws the new parts of
 *   a grown encoder.
 * @throws {UserError} Where {@linkcode startMisfit} has something to say.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { startEncoder } from "./start_encoder.ts";
 * await startEngine();
 * const source = { imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2 };
 * const parameters = initEncoder(source, randomStream(0));
 * const random = randomStream(1);
 * const deeper = startEncoder(parameters, source, { ...source, depth: 3 }, { random });
 * if (!("blocks" in deeper) || !("2" in deeper.blocks)) throw new Error("Expected three blocks");
 * ```
 */
export function startEncoder(
  parameters: EncoderParameters,
  source: EncoderConfig,
  target: EncoderConfig,
  { positions, random }: {
    readonly positions?: PositionRule | undefined;
    readonly random: RandomStream;
  },
): EncoderParameters {
  const grows = selectionMisfit(source, target) !== undefined &&
    startMisfit(source, target) === undefined;
  if (!grows || !isTransformer(source) || !isTransformer(target)) {
    return selectEncoder(parameters, source, target, { positions });
  }
  const placed = withGrid(parameters as VisionTransformerParameters, source, {
    target,
    rule: positions,
  });
  return growTransformer(placed, source, target, random);
}
