/** The same images through the eyes of several models, as colours. */
import * as tf from "@tensorflow/tfjs";
import { encodePng, pngDataUrl } from "../../images/codec/encode.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import {
  type PrincipalComponents,
  principalComponents,
} from "../../metrics/representation/principal_components.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { openModel } from "../models/open_model.ts";
import type { ModelSpec } from "../evaluate_models.ts";
import { openEvaluationTask } from "../tasks/classification_task.ts";
import type { FeaturePicture, FeaturePictures } from "./pictures.ts";

/** Options of {@linkcode featurePictures}. */
export interface FeaturePicturesOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** So many images, spread over the classes. Default 6. */
  readonly images?: number;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
}

/** Pictures are about so many pixels wide. */
const side = 112;

/**
 * Draws what models see in images of a task: the first three principal components of the patch tokens of
 * one model, over all the images, as red, green and blue. Models without patch tokens are left out.
 *
 * @throws {UserError} where a model or the task cannot be read.
 * @source UNIC figure 5 shows features so.
 *
 * @example
 * ```ts
 * import { featurePictures, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const choices = [{ source: "specialist_digits" }, { source: "pixels" }];
 * const { models } = await featurePictures(choices, "digits", { canvas: 32, images: 2 });
 * if (models.length !== 1 || models[0]?.pictures.length !== 2) throw new Error("Two of one model");
 * ```
 */
export async function featurePictures(
  choices: readonly ModelSpec[],
  task: string,
  options: FeaturePicturesOptions,
): Promise<FeaturePictures> {
  const { canvas, images: limit = 6, cache } = options;
  const opened = await openEvaluationTask(task, {
    canvas,
    limit,
    ...(cache === undefined ? {} : { cache }),
  });
  try {
    const models: FeaturePicture[] = [];
    for (const { source, ...named } of choices) {
      const { name: model, backbone } = await openModel(source, named);
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
  const enlarge = Math.max(1, Math.round(side / canvas));
  const addresses: string[] = [];
  for (let image = 0; image < count; image++) {
    const size = { rows: canvas, columns: canvas, enlarge };
    addresses.push(pngDataUrl(await encodePng(Uint8Array.from(read([image])), size)));
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
  const found = await principalComponents({ features, width }, 3);
  const colours = asColours(found);
  const enlarge = Math.max(1, Math.round(side / columns));
  const pictures: string[] = [];
  for (let image = 0; image < count; image++) {
    const pixels = colours.subarray(image * tokens * 3, (image + 1) * tokens * 3);
    pictures.push(pngDataUrl(await encodePng(pixels, { rows, columns, enlarge })));
  }
  const share = Math.min(1, found.shares.reduce((sum, one) => sum + one, 0));
  return { grid: [rows, columns], share, pictures };
}

/** Every component from dark to bright between its outermost fiftieths. */
function asColours({ projected }: PrincipalComponents): Uint8Array {
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
