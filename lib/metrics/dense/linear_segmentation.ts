/** Segmentation by a linear head on frozen patch tokens. */
import * as tf from "@tensorflow/tfjs";
import { linear } from "../../nn/linear.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { fitHead, type HeadOptions } from "./fit_head.ts";
import {
  countImages,
  countSegmentedImages,
  type PatchTokens,
  type SegmentedPatches,
} from "./patch_tokens.ts";
import { gatherRows } from "../feature_matrix.ts";
import {
  initSegmentationHead,
  logitsAtSize,
  type SegmentationHeadParameters,
  segmentationLogits,
  segmentationLoss,
} from "./segmentation_head.ts";
import { type TokenMoments, tokenMoments } from "./token_moments.ts";

/** A fitted head: normalisation and convolution in one, `tokens @ weight + bias`. */
export interface LinearSegmentation {
  /** `[width, classes]`, row-major. */
  readonly weight: Float32Array;
  /** `[classes]` */
  readonly bias: Float32Array;
}

/** Images whose logits are held at once where a head predicts. */
const chunkImages = 8;

/**
 * Fits batch normalisation and a linear layer to frozen patch tokens, by cross-entropy of the logits at
 * the size of the masks, bilinearly upsampled; pixels to ignore are left out. The normalisation takes
 * its mean and variance from all train tokens.
 *
 * @param random draws the first weights and the order of images.
 * @param options updates, batch and rates.
 * @throws {UserError} where tokens or masks cannot be used, or the loss does not stay finite.
 * @source UNIC, appendix B: DINOv2's linear protocol; fewer updates, since images are not augmented.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { fitSegmentation, predictSegmentation } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const tokens = Float32Array.of(1, 0, 0, 1, 0, 1, 1, 0); // two images of two patches
 * const masks = Uint8Array.of(0, 1, 0, 1, 1, 0, 1, 0);
 * const set = { tokens, grid: [1, 2], width: 2, masks, side: 2, classes: 2 } as const;
 * const head = await fitSegmentation(set, randomStream(0), { steps: 100 });
 * const predicted = await predictSegmentation(head, set, 2);
 * if (predicted.join() !== masks.join()) throw new Error("Expected the masks themselves");
 * ```
 */
export async function fitSegmentation(
  train: SegmentedPatches,
  random: RandomStream,
  options: HeadOptions = {},
): Promise<LinearSegmentation> {
  const images = countSegmentedImages(train, "fit a segmentation head");
  const { tokens, masks, grid, width, side, classes } = train;
  const moments = tokenMoments(train), perImage = grid[0] * grid[1];
  type Batch = { readonly patch: tf.Tensor3D; readonly truth: tf.Tensor3D };
  const batchAt = (places: Uint32Array): Batch => {
    const patch = gatherRows(tokens, places, perImage * width);
    const truth = new Int32Array(gatherRows(masks, places, side * side));
    return {
      patch: tf.tensor3d(patch, [places.length, perImage, width]),
      truth: tf.tensor3d(truth, [places.length, side, side], "int32"),
    };
  };
  const fitted = await fitHead(
    initSegmentationHead({ width, classes }, random.at("head")),
    (parameters, { patch, truth }: Batch) =>
      segmentationLoss(segmentationLogits(parameters, patch, moments), truth, grid),
    batchAt,
    { ...options, images, random },
  );
  try {
    return await foldHead(fitted, moments);
  } finally {
    tf.dispose(fitted);
  }
}

/**
 * Predicts the class of every pixel: the highest of the logits, which are bilinearly upsampled first.
 *
 * @param side height and width of the masks, in pixels.
 * @returns `[images, side, side]`
 * @throws {UserError} where the tokens cannot be used, or have another width than the head.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { predictSegmentation } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const head = { weight: Float32Array.of(-1, 1), bias: Float32Array.of(0, 0) };
 * const tokens = { tokens: Float32Array.of(-1, 1), grid: [2, 1], width: 1 } as const;
 * const classes = await predictSegmentation(head, tokens, 2);
 * if (classes.join() !== "0,0,1,1") throw new Error("The lower half is of class 1");
 * ```
 */
export async function predictSegmentation(
  { weight, bias }: LinearSegmentation,
  patches: PatchTokens,
  side: number,
): Promise<Uint8Array> {
  const images = countImages(patches, "segment images");
  const { tokens, grid, width } = patches, size = grid[0] * grid[1] * width;
  const head = {
    weight: tf.tensor2d(weight, [width, bias.length]),
    bias: tf.tensor1d(bias),
  };
  const classes = new Uint8Array(images * side * side);
  for (let from = 0; from < images; from += chunkImages) {
    const part = tokens.subarray(from * size, (from + chunkImages) * size);
    const labels = tf.tidy(() => {
      const logits = linear(
        head,
        tf.tensor3d(part, [part.length / size, grid[0] * grid[1], width]),
      );
      return tf.argMax(logitsAtSize(logits, grid, side), -1);
    });
    classes.set(await labels.data<"int32">(), from * side * side);
    labels.dispose();
  }
  tf.dispose(head);
  return classes;
}

/** Normalisation and convolution as one product. */
async function foldHead(
  { norm, head }: SegmentationHeadParameters,
  moments: TokenMoments,
): Promise<LinearSegmentation> {
  const [weight, bias] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
    const scale = tf.mul(norm.weight, tf.tensor1d(moments.scale));
    const shift = tf.sub<tf.Tensor1D>(norm.bias, tf.mul(scale, tf.tensor1d(moments.mean)));
    return [
      tf.mul(head.weight, tf.expandDims(scale, 1)),
      tf.add(head.bias, tf.reshape(tf.matMul(tf.expandDims(shift, 0), head.weight), [-1])),
    ];
  });
  const folded = {
    weight: await weight.data<"float32">(),
    bias: await bias.data<"float32">(),
  };
  tf.dispose([weight, bias]);
  return folded;
}
