/** The nearest images of an index, and images that are almost the same. */
import type { FeatureMatrix } from "../metrics/feature_matrix.ts";
import { nearestNeighbours } from "../metrics/probes/nearest_neighbours.ts";

/** An image of the index, and how alike it is. */
export interface Neighbour {
  /** Position in the index. */
  readonly image: number;
  /** Cosine of the angle between both features less the mean of the index, -1 to 1. */
  readonly similarity: number;
}

/** Two images of an index that are almost the same. */
export interface NearDuplicate {
  /** Positions in the index, the lower first. */
  readonly images: readonly [number, number];
  /** As of {@linkcode Neighbour}. */
  readonly similarity: number;
}

/** Features of an index, ready to be searched. */
export interface NeighbourIndex {
  /** Features less their mean, `[images, width]`. */
  readonly centred: FeatureMatrix;
  /** `[width]` */
  readonly mean: Float32Array;
}

/**
 * Prepares features for searching: what all images of the index have in common is taken off, since it would
 * make everything look alike.
 */
export function neighbourIndex({ features, width }: FeatureMatrix): NeighbourIndex {
  const images = features.length / width;
  const mean = new Float64Array(width);
  features.forEach((value, i) => mean[i % width]! += value / images);
  const common = Float32Array.from(mean);
  return { centred: centred({ features, width }, common), mean: common };
}

function centred({ features, width }: FeatureMatrix, mean: Float32Array): FeatureMatrix {
  return { features: features.map((value, i) => value - mean[i % width]!), width };
}

/**
 * The nearest images of an index to each query, the most alike first.
 *
 * @param queries `[queries, width]`
 * @param options count: neighbours of each; isSelf: pairs that do not count, such as an image and itself
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { nearestImages, neighbourIndex } from "./neighbours.ts";
 * await startEngine();
 * const index = neighbourIndex({ features: Float32Array.of(1, 0, 0, 1, -1, -1), width: 2 });
 * const [near] = await nearestImages(index, { features: Float32Array.of(2, 0.1), width: 2 }, { count: 1 });
 * if (near?.[0]?.image !== 0) throw new Error("It points in the direction of the first");
 * ```
 */
export async function nearestImages(
  { centred: bank, mean }: NeighbourIndex,
  queries: FeatureMatrix,
  { count, isSelf = () => false }: {
    readonly count: number;
    readonly isSelf?: ((query: number, image: number) => boolean) | undefined;
  },
): Promise<Neighbour[][]> {
  const found: Neighbour[][] = [];
  // One more each, since an image may find itself.
  const k = Math.min(count + 1, bank.features.length / bank.width);
  const parts = nearestNeighbours(bank, centred(queries, mean), { k, normalize: true });
  for await (const { nearest, from, rows } of parts) {
    for (let row = 0; row < rows; row++) {
      const neighbours = Array.from({ length: k }, (_, i) => ({
        image: nearest.indices[row * k + i]!,
        similarity: nearest.similarities[row * k + i]!,
      }));
      found.push(
        neighbours.filter(({ image }) => image !== -1 && !isSelf(from + row, image)).slice(
          0,
          count,
        ),
      );
    }
  }
  return found;
}

/** Neighbours of an image that may be its duplicates, at most. */
const mostDuplicates = 20;

/**
 * Pairs of images of an index that are at least as alike as `threshold`, the most alike first: copies, other
 * sizes of the same picture, the same thing a moment later. Each image is compared with its 20 nearest.
 */
export async function nearDuplicates(
  index: NeighbourIndex,
  threshold: number,
): Promise<NearDuplicate[]> {
  const { centred: { features, width }, mean } = index;
  const whole = { features: features.map((value, i) => value + mean[i % width]!), width };
  const neighbours = await nearestImages(index, whole, {
    count: mostDuplicates,
    isSelf: (query, image) => query === image,
  });
  const pairs = new Map<string, NearDuplicate>();
  neighbours.forEach((near, query) => {
    for (const { image, similarity } of near) {
      if (similarity < threshold) break;
      const images: [number, number] = query < image ? [query, image] : [image, query];
      pairs.set(images.join(), { images, similarity });
    }
  });
  return [...pairs.values()].sort((a, b) => b.similarity - a.similarity);
}
