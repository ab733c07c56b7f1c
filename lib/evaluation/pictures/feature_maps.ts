/** Patch tokens of several models as colours: the same images through the eyes of each. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import {
  type PrincipalComponents,
  principalComponents,
} from "../../metrics/representation/principal_components.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { nameModels } from "../models/name_models.ts";
import { type ModelSpec, openModel } from "../models/open_model.ts";
import { openClassificationTask } from "../tasks/classification_task.ts";
import { pictureAddress } from "./picture_address.ts";
import type { FeaturePicture, FeaturePictures } from "./pictures.ts";

/** Options of {@linkcode featurePictures}. */
export interface FeaturePicturesOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** Number of images, spread over the classes. Default: 6. */
  readonly images?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string | undefined;
}

/**
 * Draws how models see images of a task: the first three principal components of the patch tokens of one
 * model, over all the images, as red, green and blue. Models without patch tokens are left out.
 *
 * @throws {UserError} where a model or the task cannot be read.
 * @source UNIC figure 5.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { featurePictures } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const specs = [{ source: "specialist_digits" }, { source: "pixels" }];
 * const { models } = await featurePictures(specs, "digits", { canvas: 32, images: 2 });
 * if (models.length !== 1 || models[0]?.pictures.length !== 2) throw new Error("Two of one model");
 * ```
 */
export async function featurePictures(
  specs: readonly ModelSpec[],
  task: string,
  options: FeaturePicturesOptions,
): Promise<FeaturePictures> {
  const { canvas, images: limit = 6, cache } = options;
  const opened = await openClassificationTask(task, { canvas, limit, cache });
  try {
    const models: FeaturePicture[] = [];
    for (const spec of await nameModels(specs)) {
      const { name: model, backbone } = await openModel(spec.source, spec);
      try {
        const drawn = await drawFeatures(backbone, opened.test);
        if (drawn !== undefined) models.push({ model, ...drawn });
      } finally {
        backbone.dispose();
      }
    }
    return { task: opened.name, images: await imagePictures(opened.test), models };
  } finally {
    opened.close();
  }
}

async function imagePictures({ canvas, count, read }: ImagePack): Promise<string[]> {
  const addresses: string[] = [];
  for (let image = 0; image < count; image++) {
    const pixels = Uint8Array.from(read([image]));
    addresses.push(await pictureAddress(pixels, { rows: canvas, columns: canvas }));
  }
  return addresses;
}

/** Undefined where there are no patch tokens, or too few for three colours. */
async function drawFeatures(
  backbone: Backbone,
  pack: ImagePack,
): Promise<Omit<FeaturePicture, "model"> | undefined> {
  const { canvas, count } = pack;
  const patch = tf.tidy(() => {
    const pixels = new Float32Array(pack.read([...Array(count).keys()]));
    return backbone.features(tf.div(tf.tensor4d(pixels, [count, canvas, canvas, 3]), 255)).patch;
  });
  if (patch === undefined) return undefined;
  const [, tokens, width] = patch.shape;
  const features = await patch.data<"float32">();
  patch.dispose();
  const [rows, columns] = backbone.grid();
  if (tokens * count < 3 || width < 3 || rows * columns !== tokens) return undefined;
  const components = await principalComponents({ features, width }, 3);
  const colours = coloursOf(components);
  const pictures: string[] = [];
  for (let image = 0; image < count; image++) {
    const pixels = colours.subarray(image * tokens * 3, (image + 1) * tokens * 3);
    pictures.push(await pictureAddress(pixels, { rows, columns }));
  }
  const share = Math.min(1, components.shares.reduce((sum, share) => sum + share, 0));
  return { grid: [rows, columns], share, pictures };
}

/** Every component from dark to bright between its outermost fiftieths. */
function coloursOf({ projected }: PrincipalComponents): Uint8Array {
  const colours = new Uint8Array(projected.length);
  for (let component = 0; component < 3; component++) {
    const values = projected.filter((_, i) => i % 3 === component);
    const sorted = values.toSorted();
    const low = sorted[Math.floor(0.02 * sorted.length)] ?? 0;
    const high = sorted[Math.ceil(0.98 * sorted.length) - 1] ?? 1;
    values.forEach((value, row) => {
      const part = high > low ? (value - low) / (high - low) : 0.5;
      colours[3 * row + component] = Math.round(255 * Math.min(1, Math.max(0, part)));
    });
  }
  return colours;
}
