/** How many images a student may see, and how large they are, without decoding them. */
import { UserError } from "../../errors/user_error.ts";
import { readImageSize } from "../codec/decode.ts";
import { listDataset } from "./dataset.ts";
import { unlabelledImages } from "./labelled_images.ts";
import { namedPart, partToDistil } from "./parts.ts";
import { type ImageSource, openSourceFiles } from "./source.ts";
import { spreadEvenly } from "./spread_evenly.ts";

/** What a look at a folder or zip tells. */
export interface ImageSurvey {
  /** Number of images, those of the train part where there is one. */
  readonly images: number;
  /** Shorter sides in pixels of some of them, spread evenly. */
  readonly sides: readonly number[];
}

/** Images whose headers are read. */
const looked = 48;

/**
 * Lists a folder or zip as distilling does, and reads the headers of some of its images.
 *
 * @throws {UserError} where there is no image, or more than half of those that were looked at are unreadable,
 * which the message counts.
 *
 * @example
 * ```ts
 * import { surveyImages } from "./survey.ts";
 * const { images, sides } = await surveyImages({ path: "data/images/digits.zip", split: "train" });
 * if (images < 1000 || sides[0] !== 32) throw new Error("Digits of 32 px");
 * ```
 */
export async function surveyImages({ path, split }: ImageSource): Promise<ImageSurvey> {
  const files = await openSourceFiles(path);
  try {
    const dataset = listDataset(files);
    const part = split === undefined ? partToDistil(dataset).part : namedPart(dataset, split);
    const { images } = unlabelledImages(dataset, part);
    const chosen = spreadEvenly(images, looked);
    const sides: number[] = [];
    const broken: string[] = [];
    for (const { file, name } of chosen) {
      try {
        const { width, height } = await readImageSize(await files.read(file));
        sides.push(Math.min(width, height));
      } catch (error) {
        broken.push(`${name} (${error instanceof Error ? error.message : error})`);
      }
    }
    if (2 * broken.length > chosen.length) {
      throw new UserError(
        `Cannot use the ${files.description}: of ${chosen.length} images that were looked at, ` +
          `${broken.length} are unreadable, such as ${
            broken.slice(0, 2).join(" and ")
          }; expected most to ` +
          "be whole. Check where they come from, or give another folder",
      );
    }
    return { images: images.length, sides };
  } finally {
    files.close();
  }
}
