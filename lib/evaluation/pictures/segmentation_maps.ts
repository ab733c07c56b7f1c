/** What heads on frozen tokens make of every pixel, laid over the images. */
import { classColour, unlabelledColour } from "./class_colours.ts";
import { encodePng, pngDataUrl } from "../../images/codec/encode.ts";
import { UserError } from "../../errors/user_error.ts";
import { type DenseTask, openDenseTask } from "../tasks/dense_task.ts";
import { openModel } from "../models/open_model.ts";
import { evaluateDense } from "../dense.ts";
import type { ModelSpec } from "../evaluate_models.ts";
import type { SegmentationPictures } from "./pictures.ts";

/** Options of {@linkcode segmentationPictures}. */
export interface SegmentationPicturesOptions {
  /** So many images. Default 5. */
  readonly images?: number;
  /** At most so many train and test images of the task. Default 200. */
  readonly limit?: number;
  /** Draws the heads. Default 0. */
  readonly seed?: number;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
}

/** How much of an overlay is the colour of the class. */
const opacity = 0.6;

/**
 * Fits a linear head to each model's tokens of a segmentation task, and draws what it says of a few test
 * images beside their labels.
 *
 * @throws {UserError} where a model or the task cannot be read, or the task is none of segmentation.
 *
 * @example
 * ```ts
 * import { segmentationPictures, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const choices = [{ source: "resnet20_cifar10" }];
 * const { images } = await segmentationPictures(choices, "world_parts", { images: 2, limit: 8 });
 * if (images[1]?.predictions[0]?.model !== "resnet20_cifar10") throw new Error("Two images");
 * ```
 */
export async function segmentationPictures(
  choices: readonly ModelSpec[],
  what: string,
  options: SegmentationPicturesOptions = {},
): Promise<SegmentationPictures> {
  const { images = 5, limit = 200, seed = 0, cache } = options;
  const task = await openDenseTask(what, { limit, ...(cache === undefined ? {} : { cache }) });
  if (task?.kind !== "segmentation" || !(task.test.truth instanceof Uint8Array)) {
    throw new UserError(
      `Cannot draw the segmentation of "${what}": found no such task, expected one like camvid11 or ` +
        "world_parts, or a manifest that ends in .dense.json.",
    );
  }
  try {
    const count = Math.min(images, task.test.count);
    const places = Array.from({ length: count }, (_, i) => Math.floor(i * task.test.count / count));
    const predicted: [model: string, masks: Uint8Array][] = [];
    for (const { source, ...named } of choices) {
      const encoder = await openModel(source, named);
      try {
        await evaluateDense(encoder, task, {
          metrics: ["segmentation"],
          seed,
          onMasks: (_, masks) => predicted.push([encoder.name, masks]),
        });
      } finally {
        encoder.backbone.dispose();
      }
    }
    const { truth } = task.test;
    return {
      task: task.name,
      classes: task.classes,
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

/** A test image under the colours of its classes, as an address; without masks, the image. */
async function overlay(
  { canvas, test }: DenseTask,
  place: number,
  masks?: Uint8Array,
): Promise<string> {
  const pixels = test.pixels([place]);
  const own = masks?.subarray(place * canvas * canvas, (place + 1) * canvas * canvas);
  own?.forEach((label, pixel) => {
    const colour = label === 255 ? unlabelledColour : classColour(label);
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * pixel + channel;
      pixels[at] = Math.round((1 - opacity) * pixels[at]! + opacity * colour[channel]!);
    }
  });
  const enlarge = Math.max(1, Math.round(112 / canvas));
  return pngDataUrl(await encodePng(pixels, { rows: canvas, columns: canvas, enlarge }));
}
