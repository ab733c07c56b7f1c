/** Pictures of what models make of a few images, as the file `pictures.json` of a run folder. */
import { z } from "zod";
import { jsonArtifact } from "../../io/json_artifact.ts";
import { runPaths } from "../../runs/run_folder.ts";

/** A PNG as a data address. */
const picture = z.string().max(2e6).regex(/^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/);
const name = z.string().max(200);
const side = z.int().positive().max(1024);

const featurePicture = z.object({
  /** What tables call it. */
  model: name,
  /** Rows and columns of its patch tokens. */
  grid: z.tuple([side, side]).readonly(),
  /** Share of the variance of its patch tokens, 0 to 1, that the three colours show. */
  share: z.number().min(0).max(1),
  /** One for each image. */
  pictures: z.array(picture).max(64).readonly(),
}).readonly();

const featurePictures = z.object({
  /** Name of the image set. */
  task: name,
  /** The images themselves. */
  images: z.array(picture).max(64).readonly(),
  /** In the order of the tables. */
  models: z.array(featurePicture).max(64).readonly(),
}).readonly();

const segmentationPictures = z.object({
  /** Name of the image set. */
  task: name,
  /** Names of the classes, in the order of their colours. */
  classes: z.array(name).max(256).readonly(),
  /** The image, and its labels and the predictions laid over it. */
  images: z.array(
    z.object({
      pixels: picture,
      truth: picture,
      predictions: z.array(z.object({ model: name, picture }).readonly()).max(64).readonly(),
    }).readonly(),
  ).max(64).readonly(),
}).readonly();

const schema = z.object({
  /** One for each task. */
  features: z.array(featurePictures).max(64).readonly(),
  /** One for each task. */
  segmentation: z.array(segmentationPictures).max(64).readonly(),
}).readonly();

/** How one model sees the images of a task. */
export type FeaturePicture = z.infer<typeof featurePicture>;

/** The same images through the eyes of several models. */
export type FeaturePictures = z.infer<typeof featurePictures>;

/** Labelled images beside what models predict of every pixel. */
export type SegmentationPictures = z.infer<typeof segmentationPictures>;

/** Everything that a run's `pictures.json` holds. */
export type Pictures = z.infer<typeof schema>;

const artifact = jsonArtifact({
  noun: "the pictures of a run",
  schema,
  advice: "Remove the file, and make it anew with deno task evaluate RUN --pictures SET.",
  indent: 0,
});

/**
 * Writes the pictures of a run. Kinds that are left out, or undefined, stay as they were.
 *
 * @throws {UserError} where the folder cannot be written to, or `pictures.json` holds something else.
 *
 * @example
 * ```ts
 * import { readPictures } from "@hashigo/hashigo/evaluation";
 * import { writePictures } from "./pictures.ts";
 * const run = await Deno.makeTempDir();
 * await writePictures(run, { features: [] });
 * if ((await readPictures(run))?.segmentation.length !== 0) throw new Error("None yet");
 * await Deno.remove(run, { recursive: true });
 * ```
 */
export async function writePictures(
  run: string,
  pictures: { readonly [Kind in keyof Pictures]?: Pictures[Kind] | undefined },
): Promise<void> {
  const before = await readPictures(run);
  await artifact.write(runPaths(run).pictures, {
    features: pictures.features ?? before?.features ?? [],
    segmentation: pictures.segmentation ?? before?.segmentation ?? [],
  });
}

/**
 * Reads what {@linkcode writePictures} wrote; undefined where there are no pictures.
 *
 * @throws {UserError} where the file holds something else.
 *
 * @example
 * ```ts
 * import { readPictures } from "@hashigo/hashigo/evaluation";
 * if (await readPictures("runs/absent") !== undefined) throw new Error("There are none");
 * ```
 */
export async function readPictures(run: string): Promise<Pictures | undefined> {
  return await artifact.read(runPaths(run).pictures);
}
