/** Counts near-duplicates among images. */
import { featureExtractor } from "../evaluation/features/pooled.ts";
import { cachedExtractor, pooledFeatureFolder } from "../evaluation/features/pooled_cache.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { packImages } from "../images/packs/pack.ts";
import { defaultQuarantine } from "../images/packs/quarantine.ts";
import { readableImages } from "../images/packs/select_images.ts";
import { nearDuplicates, neighbourIndex } from "../inference/neighbours.ts";
import type { Work } from "../io/progress_line.ts";
import { distinctImages } from "../metrics/representation/distinct_images.ts";
import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import { openBackbone } from "../teachers/open_backbone.ts";

/** Similarity from which on two images are almost the same, as `search` has it. */
export const duplicatesFrom = 0.95;

/** Images that are looked at, at least and at most. */
const fewest = 60, most = 2000;

/**
 * Looks at images as one network sees them.
 *
 * @returns sample: images that were looked at, spread evenly; distinct: different ones among them
 */
export async function countDistinct(
  spec: BackboneSpec,
  { images, canvas, seconds, imageSeconds, onWork, background, maximumPixels }: DecodeOptions & {
    /** Folder or zip. */
    readonly images: string;
    readonly canvas: number;
    /** Seconds for the features, about. */
    readonly seconds: number;
    /** Seconds of the network for one image. */
    readonly imageSeconds: number;
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<{ readonly sample: number; readonly distinct: number }> {
  const backbone = await openBackbone(spec);
  const show = (stage: string) => (done: number, total: number) =>
    onWork?.({ stage, done, total, unit: "images" });
  try {
    const pack = await packImages({ path: images }, {
      ...{ canvas, background, maximumPixels, labels: "unused", quarantine: defaultQuarantine },
      limit: Math.min(most, Math.max(fewest, Math.floor(seconds / imageSeconds))),
      onProgress: show("packing images"),
    });
    const plain = featureExtractor(backbone);
    try {
      const readable = readableImages(pack);
      const pooled = await cachedExtractor(plain, backbone, pooledFeatureFolder())
        .extract(readable, { onProgress: show("near-duplicates") });
      const features = (pooled.cls ?? pooled.patch)!;
      const pairs = await nearDuplicates(neighbourIndex(features), duplicatesFrom);
      return {
        sample: readable.count,
        distinct: distinctImages(readable.count, pairs.map((pair) => pair.images)),
      };
    } finally {
      plain.dispose();
      pack.close();
    }
  } finally {
    backbone.dispose();
  }
}
