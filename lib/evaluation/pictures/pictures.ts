/** `pictures.json` of a run: what its models make of a few images, as pictures for people. */
import { z } from "zod";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { UserError } from "../../errors/user_error.ts";
import { runPaths } from "../../runs/run_folder.ts";

/** What one model makes of the images of a task. */
export interface FeaturePicture {
  /** What tables call it. */
  readonly model: string;
  /** Rows and columns of its patch tokens. */
  readonly grid: readonly [rows: number, columns: number];
  /** Share of the variance of its patch tokens, 0 to 1, that the three colours show. */
  readonly share: number;
  /** One PNG for each image, as a data address. */
  readonly pictures: readonly string[];
}

/** The same images through the eyes of several models. */
export interface FeaturePictures {
  /** Name of the image set. */
  readonly task: string;
  /** The images themselves, PNGs as data addresses. */
  readonly images: readonly string[];
  /** In the order of the tables. */
  readonly models: readonly FeaturePicture[];
}

/** Labelled images beside what models predict of every pixel. */
export interface SegmentationPictures {
  /** Name of the image set. */
  readonly task: string;
  /** Names of the classes, in the order of their colours. */
  readonly classes: readonly string[];
  /** PNGs as data addresses: the image, its labels and the predictions, laid over it. */
  readonly images: readonly {
    readonly pixels: string;
    readonly truth: string;
    readonly predictions: readonly { readonly model: string; readonly picture: string }[];
  }[];
}

/** Everything that a run's `pictures.json` holds. */
export interface Pictures {
  /** One for each task. */
  readonly features: readonly FeaturePictures[];
  /** One for each task. */
  readonly segmentation: readonly SegmentationPictures[];
}

/** Larger files are refused before they are parsed. */
const largestFile = 64e6;

const picture = z.string().max(2e6).regex(/^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/);
const name = z.string().max(200);
const side = z.int().positive().max(1024);
const schema: z.ZodType<Pictures> = z.object({
  features: z.array(z.object({
    task: name,
    images: z.array(picture).max(64),
    models: z.array(z.object({
      model: name,
      grid: z.tuple([side, side]),
      share: z.number().min(0).max(1),
      pictures: z.array(picture).max(64),
    })).max(64),
  })).max(64),
  segmentation: z.array(z.object({
    task: name,
    classes: z.array(name).max(256),
    images: z.array(z.object({
      pixels: picture,
      truth: picture,
      predictions: z.array(z.object({ model: name, picture })).max(64),
    })).max(64),
  })).max(64),
});

/**
 * Writes the pictures of a run. Kinds that are not given stay as they were.
 *
 * @throws {UserError} where the folder cannot be written to, or what is there is something else.
 *
 * @example
 * ```ts
 * import { readPictures, writePictures } from "@hashigo/hashigo";
 * const run = await Deno.makeTempDir();
 * await writePictures(run, { features: [] });
 * if ((await readPictures(run))?.segmentation.length !== 0) throw new Error("None yet");
 * await Deno.remove(run, { recursive: true });
 * ```
 */
export async function writePictures(run: string, pictures: Partial<Pictures>): Promise<void> {
  const before = await readPictures(run) ?? { features: [], segmentation: [] };
  const text = JSON.stringify({ ...before, ...pictures });
  await writeFileAtomic(runPaths(run).pictures, text + "\n");
}

/**
 * Reads what {@linkcode writePictures} wrote; undefined where there are no pictures.
 *
 * @throws {UserError} where the file is something else.
 *
 * @example
 * ```ts
 * import { readPictures } from "@hashigo/hashigo";
 * if (await readPictures("runs/absent") !== undefined) throw new Error("There are none");
 * ```
 */
export async function readPictures(run: string): Promise<Pictures | undefined> {
  const path = runPaths(run).pictures;
  try {
    const { size } = await Deno.stat(path);
    if (size > largestFile) throw new Error(`${size} bytes, expected at most ${largestFile}`);
    return schema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UserError(
      `Cannot read "${path}": it does not hold the pictures of a run. Remove it, and make it anew ` +
        `with deno task evaluate ${run} --pictures SET.`,
      { cause: error },
    );
  }
}
