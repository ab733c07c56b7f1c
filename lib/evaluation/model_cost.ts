/** What a model costs to keep and to run, beside its accuracy. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../images/packs/pack_file.ts";
import type { CostRow } from "../metrics/costs/cost.ts";
import { countOperations } from "../metrics/costs/operations.ts";
import type { Backbone } from "../teachers/backbone.ts";
import type { FeatureExtractor } from "./features/pooled.ts";
import type { Model } from "./models/open_model.ts";

/** Images in a batch that is timed. */
const batchSize = 64;

/** Size, operations and, where there are images to time it on, time of a model. */
export async function costOf(
  { name: model, backbone }: Model,
  extractor: FeatureExtractor,
  { images, now = () => performance.now() }: {
    readonly images?: ImagePack | undefined;
    readonly now?: (() => number) | undefined;
  } = {},
): Promise<CostRow> {
  return {
    model,
    parameters: backbone.parameterCount,
    gflop: await countGflop(backbone),
    milliseconds: images && await timeImage(extractor, images, now),
  };
}

/** Operations in units of 1e9 for one image that has the network's own size already. */
export async function countGflop(backbone: Backbone): Promise<number> {
  const { size } = backbone.input;
  return await countOperations(() => backbone.features(tf.zeros([1, size, size, 3]))) / 1e9;
}

/** Milliseconds per image: the fastest of five batches, the first of which may compile. */
async function timeImage(
  extractor: FeatureExtractor,
  images: ImagePack,
  now: () => number,
): Promise<number> {
  const batch = { ...images, count: Math.min(batchSize, images.count) };
  let fastest = Infinity;
  for (let i = 0; i < 5; i++) {
    const begun = now();
    await extractor.extract(batch);
    fastest = Math.min(fastest, now() - begun);
  }
  return fastest / batch.count;
}
