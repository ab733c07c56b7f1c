/** Features of images in each layer of a network. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";
import { isTransformer } from "../../nn/encoder.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { mapImages } from "./map_batches.ts";

/** Features of images in one layer of a network. */
export interface LayerFeatures extends FeatureMatrix {
  /** Such as "block 3, CLS", "block 3, patches", "stage 0", "CLS" or "patches"; patches are averaged. */
  readonly layer: string;
}

/**
 * Features of the pack's images in every layer: CLS and mean of the patches, of every block of a network
 * that is made of blocks, and after its last norm. Where the patches' mean stands for CLS, the layer is
 * called "features"; the stages of a convolutional network are counted from 0, its stem.
 *
 * @param options blocks: whether layers inside the network count, default true; batchSize: images that
 * the network sees at once, default 64; onProgress: called with images done and to do.
 * @throws {UserError} where a feature is not finite.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * import { openClassificationTask } from "../tasks/classification_task.ts";
 * import { layerFeatures } from "./layers.ts";
 * await startEngine();
 * const teacher = await loadTeacher("specialist_digits");
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 10 });
 * const layers = await layerFeatures(teacher, task.test);
 * if (layers.length !== 2 * 6 + 2) throw new Error("Six blocks, CLS and patches each");
 * teacher.dispose();
 * task.close();
 * ```
 */
export async function layerFeatures(
  backbone: Backbone,
  pack: ImagePack,
  options: {
    readonly blocks?: boolean | undefined;
    readonly batchSize?: number | undefined;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  } = {},
): Promise<LayerFeatures[]> {
  const { blocks = true, batchSize = 64, onProgress } = options;
  const compiled = compileLazily(
    (pixels: tf.Tensor4D) => layersOf(backbone, tf.div(pixels, 255), blocks),
    { mode: backbone.mode ?? "graph", name: `layers of ${backbone.name}` },
  );
  try {
    const matrices = await mapImages(pack, compiled, { batchSize, onProgress });
    const layers = Object.entries(matrices).flatMap(([layer, rows]) =>
      rows === undefined ? [] : [{ layer, ...rows }]
    );
    if (layers.every(({ features }) => features.every(Number.isFinite))) return mergeEqual(layers);
    throw new UserError(
      `Cannot measure "${backbone.name}": its features of ${pack.count} images are not all finite ` +
        "numbers. Its weights may be damaged, or its run diverged: train or fetch it again.",
    );
  } finally {
    compiled.dispose();
  }
}

/** Rows `[batch, width]` by layer, in the order in which they are computed. */
function layersOf(
  backbone: Backbone,
  images: tf.Tensor4D,
  blocks: boolean,
): Record<string, tf.Tensor2D> {
  const layers: Record<string, tf.Tensor2D> = {};
  const add = (cls?: tf.Tensor2D, patch?: tf.Tensor3D, prefix = "") => {
    if (cls !== undefined) layers[`${prefix}CLS`] = cls;
    if (patch !== undefined) layers[`${prefix}patches`] = tf.mean<tf.Tensor2D>(patch, 1);
  };
  const outputs = blocks ? backbone.stages?.(images) ?? [] : [];
  outputs.forEach((tokens, i) => {
    if (tokens === undefined) return;
    const { cls, patch } = splitTokens(tokens);
    // The first token of a convolutional network's stage is the mean of the others.
    if (backbone.encoder === undefined || isTransformer(backbone.encoder)) {
      add(cls, patch, `block ${i + 1}, `);
    } else layers[`stage ${i}`] = cls;
  });
  const { cls, patch } = backbone.features(images);
  add(cls, patch);
  return layers;
}

/** A convolutional network has no CLS of its own: the two are one, up to rounding. */
function mergeEqual(layers: LayerFeatures[]): LayerFeatures[] {
  const [cls, patches] = ["CLS", "patches"].map((name) =>
    layers.find(({ layer }) => layer === name)
  );
  if (cls === undefined || patches === undefined) return layers;
  const same = cls.features.every((value, i) =>
    Math.abs(value - patches.features[i]!) <= 1e-5 * (1 + Math.abs(value))
  );
  if (!same) return layers;
  return layers
    .filter((layer) => layer !== patches)
    .map((layer) => layer === cls ? { ...layer, layer: "features" } : layer);
}
