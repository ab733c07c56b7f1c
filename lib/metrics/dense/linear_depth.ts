/** Depth estimation by a linear head on frozen tokens. */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import {
  type DepthBins,
  type DepthHeadParameters,
  depthLoss,
  depthMaps,
  initDepthHead,
} from "./depth_head.ts";
import { fitHead, type HeadOptions } from "./fit_head.ts";
import { countImages, type PatchTokens } from "./patch_tokens.ts";
import { gatherRows } from "../feature_matrix.ts";
import { normalizeTokens, type TokenMoments, tokenMoments } from "./token_moments.ts";

/** Tokens of images whose pixels have a depth. */
export interface PatchesWithDepth extends PatchTokens {
  /** `[images, side, side]`, positive, in any unit. */
  readonly depths: Float32Array;
  /** Height and width of a depth map, in pixels. */
  readonly side: number;
}

/** A fitted depth head; dispose of its parameters when done. */
export interface LinearDepth {
  /** Of the linear layer. */
  readonly parameters: DepthHeadParameters;
  /** Means and scales by which tokens are normalised. */
  readonly moments: { readonly patch: TokenMoments; readonly cls?: TokenMoments | undefined };
  /** The depths that it can predict. */
  readonly bins: DepthBins;
}

/** Images whose scores of bins are held at once. */
const chunkImages = 8;

/** Tokens of a few images; without the key where there is no CLS, as inputs of a compiled step are tensors. */
type Tokens = { readonly patch: tf.Tensor3D; readonly cls?: tf.Tensor2D };

/**
 * Fits a linear layer from frozen tokens to 256 bins of depth. Tokens are normalised with mean and
 * variance of all train tokens, so that one learning rate suits features of any size; the bins lie
 * evenly between the nearest and the farthest train depth.
 *
 * @param random draws the first weights and the order of images.
 * @throws {UserError} where tokens or depths cannot be used, or the loss does not stay finite.
 * @source UNIC, appendix B.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { fitDepth, predictDepth } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const depths = Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2); // two images of one patch
 * const set = { tokens: Float32Array.of(-1, 1), grid: [1, 1], width: 1, depths, side: 2 } as const;
 * const head = await fitDepth(set, randomStream(0), { steps: 200, learningRate: 0.1 });
 * const predicted = await predictDepth(head, set, 2);
 * if (predicted.some((depth, i) => Math.abs(depth - depths[i]!) > 0.2)) throw new Error("Too far off");
 * tf.dispose(head.parameters);
 * ```
 */
export async function fitDepth(
  train: PatchesWithDepth,
  random: RandomStream,
  options: HeadOptions & Partial<DepthBins> = {},
): Promise<LinearDepth> {
  const images = checkDepths(train);
  const { depths, side, width, cls } = train;
  const { bins: count = 256 } = options;
  const { nearest = depths.reduce((low, depth) => Math.min(low, depth), Infinity) } = options;
  const { farthest = depths.reduce((high, depth) => Math.max(high, depth), 0) } = options;
  const bins = { nearest, farthest, bins: count };
  const moments = {
    patch: tokenMoments(train),
    cls: cls && tokenMoments({ tokens: cls, width }),
  };
  type Batch = Tokens & { readonly truth: tf.Tensor3D };
  const parameters = await fitHead(
    initDepthHead({ width, bins: count, cls: cls !== undefined }, random.at("head")),
    (parameters, { truth, ...tokens }: Batch) =>
      depthLoss(mapsOf({ parameters, moments, bins }, tokens, train), truth),
    (places): Batch => ({
      ...tokensAt(train, places),
      truth: tf.tensor3d(gatherRows(depths, places, side * side), [places.length, side, side]),
    }),
    { ...options, images, random },
  );
  return { parameters, moments, bins };
}

/**
 * Predicts the depth of every pixel.
 *
 * @param side height and width of the maps, in pixels.
 * @returns `[images, side, side]`, in the unit of the train depths.
 * @throws {UserError} where the tokens cannot be used, or differ in width from the train tokens.
 *
 * @example
 * ```ts ignore
 * const depths = await predictDepth(await fitDepth(train, randomStream(0)), test, 64);
 * ```
 */
export async function predictDepth(
  head: LinearDepth,
  patches: PatchTokens,
  side: number,
): Promise<Float32Array> {
  const images = countImages(patches, "estimate depths");
  const expected = head.moments.patch.mean.length;
  if (
    patches.width !== expected || (patches.cls === undefined) !== (head.moments.cls === undefined)
  ) {
    throw new UserError(
      `Cannot estimate depths: found tokens of width ${patches.width} ` +
        `${patches.cls ? "with" : "without"} CLS, expected width ${expected} ` +
        `${head.moments.cls ? "with" : "without"} CLS. Extract both with the same network.`,
    );
  }
  const depths = new Float32Array(images * side * side);
  for (let from = 0; from < images; from += chunkImages) {
    const places = Uint32Array.from(
      { length: Math.min(chunkImages, images - from) },
      (_, i) => from + i,
    );
    const maps = tf.tidy(() =>
      mapsOf(head, tokensAt(patches, places), { grid: patches.grid, side })
    );
    depths.set(await maps.data<"float32">(), from * side * side);
    maps.dispose();
  }
  return depths;
}

function mapsOf(
  { parameters, moments, bins }: LinearDepth,
  { patch, cls }: Tokens,
  { grid, side }: Pick<PatchesWithDepth, "grid" | "side">,
): tf.Tensor3D {
  const tokens = {
    patch: normalizeTokens(patch, moments.patch),
    ...cls && moments.cls ? { cls: normalizeTokens(cls, moments.cls) } : {},
  };
  return depthMaps(parameters, tokens, { ...bins, grid, side });
}

function tokensAt({ tokens, cls, grid, width }: PatchTokens, places: Uint32Array): Tokens {
  const count = grid[0] * grid[1];
  return {
    patch: tf.tensor3d(gatherRows(tokens, places, count * width), [places.length, count, width]),
    ...cls === undefined
      ? {}
      : { cls: tf.tensor2d(gatherRows(cls, places, width), [places.length, width]) },
  };
}

function checkDepths(set: PatchesWithDepth): number {
  const images = countImages(set, "fit a depth head"), { depths, side } = set;
  const broken = depths.findIndex((depth) => !(depth > 0 && depth < Infinity));
  if (depths.length === images * side * side && broken < 0) return images;
  throw new UserError(
    "Cannot fit a depth head: " +
      (broken < 0
        ? `found depths of ${depths.length} pixels in all, expected ${side} x ${side} for each of ` +
          `${images} images. Resize the maps to one size.`
        : `the depths of image ${Math.floor(broken / side ** 2)} hold ${
          depths[broken]
        }, expected ` +
          "positive numbers. Leave out images with holes."),
  );
}
