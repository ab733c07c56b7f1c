/** Predictions of heads on frozen tokens, laid over the images. */
import { classColour, unlabelledColour } from "./class_colours.ts";
import { pictureAddress } from "./picture_address.ts";
import { UserError } from "../../errors/user_error.ts";
import { openDenseTask } from "../tasks/dense_task.ts";
import { readManifest } from "../tasks/manifest.ts";
import type { OpenDenseTaskOptions, SegmentationTask } from "../tasks/task.ts";
import { nameModels } from "../models/name_models.ts";
import { type ModelSpec, openModel } from "../models/open_model.ts";
import { predictMasks } from "../dense.ts";
import { extractTaskTokens } from "../features/patches.ts";
import type { SegmentationPictures } from "./pictures.ts";

/** Options of {@linkcode segmentationPictures}. */
export interface SegmentationPicturesOptions {
  /** Number of images. Default: 5. */
  readonly images?: number | undefined;
  /** Most train and most test images of the task. Default: 200. */
  readonly limit?: number | undefined;
  /** Draws the heads. Default: 0. */
  readonly seed?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string | undefined;
}

/** Weight of the class's colour in an overlay; the rest is the image. */
const opacity = 0.6;

/**
 * Fits a linear head to each model's tokens of a segmentation task, and draws its predictions for a few
 * test images beside their labels.
 *
 * @throws {UserError} where a model or the task cannot be read, or it is no segmentation task.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { segmentationPictures } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const models = [{ source: "resnet20_cifar10" }];
 * const { images } = await segmentationPictures(models, "world_parts", { images: 2, limit: 8 });
 * if (images[1]?.predictions[0]?.model !== "resnet20_cifar10") throw new Error("Two images");
 * ```
 */
export async function segmentationPictures(
  models: readonly ModelSpec[],
  source: string,
  options: SegmentationPicturesOptions = {},
): Promise<SegmentationPictures> {
  const { images = 5, limit = 200, seed = 0, cache } = options;
  const task = await openSegmentation(source, { limit, cache });
  try {
    const { count, truth } = task.test;
    const shown = Math.min(images, count);
    const places = Array.from({ length: shown }, (_, i) => Math.floor(i * count / shown));
    const predicted: [model: string, masks: Uint8Array][] = [];
    for (const spec of await nameModels(models)) {
      const { name, backbone } = await openModel(spec.source, spec);
      try {
        const tokens = await extractTaskTokens(backbone, task);
        predicted.push([name, await predictMasks("segmentation", tokens, task, seed)]);
      } finally {
        backbone.dispose();
      }
    }
    return {
      task: task.name,
      classes: [...task.classes],
      images: await Promise.all(places.map(async (place) => ({
        pixels: await overlay(task, place),
        truth: await overlay(task, place, truth),
        predictions: await Promise.all(predicted.map(async ([model, masks]) => ({
          model,
          picture: await overlay(task, place, masks),
        }))),
      }))),
    };
  } finally {
    task.close();
  }
}

async function openSegmentation(
  source: string,
  options: OpenDenseTaskOptions,
): Promise<SegmentationTask> {
  const { kind } = await readManifest(source) ?? {};
  const task = kind === "segmentation" ? await openDenseTask(source, options) : undefined;
  if (task?.kind === "segmentation") return task;
  throw new UserError(
    `Cannot draw the segmentation of "${source}": found no such task, expected one like camvid11 or ` +
      "world_parts, or a manifest that ends in .dense.json.",
  );
}

/** A test image under the colours of its classes, as an address; without masks, the image. */
async function overlay(
  { canvas, test }: SegmentationTask,
  place: number,
  masks?: Uint8Array,
): Promise<string> {
  const pixels = test.pixels([place]);
  const labels = masks?.subarray(place * canvas * canvas, (place + 1) * canvas * canvas);
  labels?.forEach((label, pixel) => {
    const colour = label === 255 ? unlabelledColour : classColour(label);
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * pixel + channel;
      pixels[at] = Math.round((1 - opacity) * pixels[at]! + opacity * colour[channel]!);
    }
  });
  return await pictureAddress(pixels, { rows: canvas, columns: canvas });
}
