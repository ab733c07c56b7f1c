/** Holds an ONNX file against the network that it was made of. */
import * as tf from "@tensorflow/tfjs";
import { rowSimilarity } from "../../metrics/representation/row_similarity.ts";
import type { Backbone, Features } from "../../teachers/backbone.ts";
import { joinedImages, loadOnnxRuntime } from "./runtime.ts";

/** How far the file is from the network. */
export interface OnnxDifference {
  /** Images that were compared. */
  readonly images: number;
  /** Largest difference of a number, over the largest number of its kind of token. */
  readonly largest: number;
  /** Root of the mean square of differences, over that of the numbers of their kind of token. */
  readonly typical: number;
  /** One less the mean cosine of features to the network's, around the mean of these: see `rowSimilarity`. */
  readonly turned: number;
}

/** What is compared. */
export interface CompareOnnxOptions {
  /** The file. */
  readonly model: Uint8Array;
  /** The network; borrowed. The engine runs. */
  readonly backbone: Backbone;
  /** Bytes of images, `[size, size, 3]` each, at the size of the network's input. */
  readonly images: readonly Uint8Array[];
  /** Whether the file takes bytes. */
  readonly preprocessing: boolean;
}

/**
 * Runs a file in ONNX Runtime and the network on the engine, on the same images.
 *
 * @throws {UserError} where the runtime cannot be loaded, or refuses the file
 */
export async function compareOnnx(
  { model, backbone, images, preprocessing }: CompareOnnxOptions,
): Promise<OnnxDifference> {
  const runtime = await loadOnnxRuntime(), { input } = backbone;
  const feed = runtime.feed(images, { input, preprocessing });
  const session = await runtime.open(model);
  try {
    const outputs = await session.run(feed);
    const native = await nativeFeatures(backbone, joinedImages(images), images.length);
    const differences = Object.entries(native).map(([kind, expected]) =>
      differenceOf(outputs[kind]?.data, expected, backbone.width)
    );
    return {
      images: images.length,
      largest: Math.max(...differences.map(({ largest }) => largest)),
      typical: Math.max(...differences.map(({ typical }) => typical)),
      turned: Math.max(...differences.map(({ turned }) => turned)),
    };
  } finally {
    await session.release();
  }
}

async function nativeFeatures(
  backbone: Backbone,
  bytes: Uint8Array,
  count: number,
): Promise<Record<string, Float32Array>> {
  const { size } = backbone.input;
  const features: Features = tf.tidy(() =>
    backbone.features(tf.div(tf.tensor4d(Float32Array.from(bytes), [count, size, size, 3]), 255))
  );
  try {
    const entries = Object.entries(features).map(async ([kind, tensor]) =>
      [kind, await tensor.data<"float32">()] as const
    );
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    tf.dispose(features);
  }
}

/** Infinity where numbers are missing or not finite. */
function differenceOf(
  actual: unknown,
  expected: Float32Array,
  width: number,
): Omit<OnnxDifference, "images"> {
  if (!(actual instanceof Float32Array) || actual.length !== expected.length) {
    return { largest: Infinity, typical: Infinity, turned: Infinity };
  }
  let [difference, largest, squares, all] = [0, 0, 0, 0];
  expected.forEach((value, i) => {
    const own = Math.abs(value - actual[i]!);
    difference = Number.isNaN(own) ? Infinity : Math.max(difference, own);
    largest = Math.max(largest, Math.abs(value));
    squares += Number.isNaN(own) ? Infinity : own ** 2;
    all += value ** 2;
  });
  const similarity = rowSimilarity({ features: actual, width }, { features: expected, width });
  return {
    largest: difference / (largest || 1),
    typical: Math.sqrt(squares / (all || 1)),
    // Rounding may make a cosine a little more than 1.
    turned: Number.isNaN(similarity) ? Infinity : Math.max(0, 1 - similarity),
  };
}
