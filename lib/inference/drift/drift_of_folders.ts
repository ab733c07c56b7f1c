/** Whether the images of a folder differ from those of another, and whether that harms a student. */
import { UserError } from "../../errors/user_error.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { readableImages } from "../../images/packs/select_images.ts";
import { listDataset } from "../../images/sources/dataset.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import { surveyImages } from "../../images/sources/survey.ts";
import { detectDrift, type Drift, leastDriftImages } from "../../metrics/drift/detect_drift.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { type RandomStream, randomStream } from "../../tensors/random.ts";
import { folderFeatures } from "../folder_features.ts";
import { type FolderOptions, packFolder } from "../folder_pack.ts";
import type { OpenedStudent } from "../open_student.ts";
import type { Harm } from "./harm.ts";
import { measureHarm } from "./measure_harm.ts";

/** What is compared, and how. */
export interface DriftRequest {
  /** Folder or zip of images as they should be. */
  readonly reference: string;
  /** Folder or zip of the images in question. */
  readonly images: string;
  /** Probability of an alarm where there is no drift, at most. */
  readonly level: number;
  /** Images of each folder that are tested, at most; drawn by the seed. */
  readonly limit: number;
  /** Images of each folder that the teachers are asked about, at most; 0 asks none. */
  readonly harm: number;
  /** Of all draws. */
  readonly seed: number;
}

/** Outcome of {@linkcode driftOfFolders}. */
export interface DriftOfFolders {
  /** The three tests and their verdict. */
  readonly drift: Drift;
  /** Names of the images of the reference that were tested, and of the others. */
  readonly names: { readonly reference: readonly string[]; readonly images: readonly string[] };
  /** Images that cannot be read, of both. */
  readonly unreadable: { readonly reference: number; readonly images: number };
  /** What the teachers say, or why they were not asked. */
  readonly harm: Harm | { readonly absent: string };
}

/**
 * Refuses folders that cannot be tested: with too few images, or of which most are unreadable. It decodes nothing.
 *
 * @throws {UserError} as said
 */
export async function checkDriftFolders({ reference, images }: DriftRequest): Promise<void> {
  for (const [kind, path] of [["reference", reference], ["images", images]] as const) {
    const files = await openSourceFiles(path);
    try {
      const { length } = listDataset(files).images;
      if (length < leastDriftImages) {
        throw new UserError(
          `Cannot test for drift: found ${length} images in the ${files.description}, the ` +
            `${kind === "reference" ? "reference" : "new images"}; expected at least ` +
            `${leastDriftImages}, below which no test can tell. Give more; a few hundred find small drifts`,
        );
      }
    } finally {
      files.close();
    }
    await surveyImages({ path });
  }
}

/**
 * Tests the features of images of a folder against those of a reference; of a run that keeps its projectors, it also
 * asks the teachers about some of both, where there is a drift or not.
 *
 * @param source of the student, as it was opened: the folder of a run, or another model, which has no teachers
 * @throws {UserError} where there are too few images, or most are unreadable
 */
export async function driftOfFolders(
  { backbone }: Pick<OpenedStudent, "backbone">,
  source: string,
  request: DriftRequest,
  options: FolderOptions = {},
): Promise<DriftOfFolders> {
  const { reference, images, level, limit, seed } = request;
  const random = randomStream(seed).at("drift");
  const chosen = (kind: string, most = limit) => ({
    ...options,
    choose: drawOf(random, kind, most),
  });
  const known = await folderFeatures(backbone, reference, chosen("reference"));
  const asked = await folderFeatures(backbone, images, chosen("images"));
  return {
    drift: await detectDrift(known, asked, random.at("tests"), { level }),
    names: { reference: known.names, images: asked.names },
    unreadable: { reference: known.unreadable.length, images: asked.unreadable.length },
    harm: request.harm === 0
      ? { absent: "not asked for" }
      : await harmOfFolders(source, request, { random, options }),
  };
}

/** Of a run with projectors and teachers; else why not. */
async function harmOfFolders(
  source: string,
  { reference, images, harm }: DriftRequest,
  { random, options }: { readonly random: RandomStream; readonly options: FolderOptions },
): Promise<Harm | { readonly absent: string }> {
  const { recipe: path } = runPaths(source);
  if (!await Deno.stat(path).then(() => true, () => false)) {
    return { absent: `"${source}" is no run, so that no teachers of it are known` };
  }
  const { canvas } = (await loadRecipe(path)).images;
  const packs: ImagePack[] = [];
  try {
    for (const [kind, folder] of [["reference", reference], ["images", images]] as const) {
      packs.push(
        await packFolder(folder, canvas, {
          ...options,
          // Named before already.
          onListed: undefined,
          choose: drawOf(random, kind, harm),
        }),
      );
    }
    const [known, asked] = packs.map(readableImages);
    return await measureHarm(source, { reference: known!, current: asked! }, {
      random: random.at("harm"),
      onProgress: options.onProgress,
    });
  } catch (error) {
    if (error instanceof UserError) return { absent: error.message };
    throw error;
  } finally {
    for (const pack of packs) pack.close();
  }
}

/** Draws positions of images, in rising order; a smaller number is a part of a larger one. */
function drawOf(random: RandomStream, kind: string, most: number) {
  return (images: number) =>
    [...random.at("choice", kind).permutation(images).subarray(0, most)].sort((a, b) => a - b);
}

/**
 * The images that the classifier tells best: the new ones most unlike the reference, and those of the reference
 * most unlike the new ones, the surest first.
 */
export function tellingImages(
  { drift: { classifier: { scores } }, names }: DriftOfFolders,
  most: number,
): Record<"images" | "reference", { readonly image: string; readonly score: number }[]> {
  const first = names.reference.length;
  const top = (list: readonly string[], from: number, sign: number) =>
    list.map((image, i) => ({ image, score: scores[from + i]! }))
      .sort((a, b) => sign * (b.score - a.score)).slice(0, most);
  return { images: top(names.images, first, 1), reference: top(names.reference, 0, -1) };
}
