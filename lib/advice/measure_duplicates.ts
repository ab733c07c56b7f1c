/** Counts near-duplicates among images. */
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { packLabelled } from "../images/packs/pack.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { defaultQuarantine } from "../images/packs/quarantine.ts";
import { readableImages } from "../images/packs/select_images.ts";
import { listDataset } from "../images/sources/dataset.ts";
import { unlabelledImages } from "../images/sources/labelled_images.ts";
import { partToDistil } from "../images/sources/parts.ts";
import { openSourceFiles } from "../images/sources/source.ts";
import { nearDuplicates } from "../inference/neighbours.ts";
import type { Work } from "../io/progress_line.ts";
import {
  distinctImages,
  distinctInAll,
  neighbouringPairs,
} from "../metrics/representation/distinct_images.ts";
import { imageStructure } from "../metrics/representation/image_structure.ts";
import type { AdviceFacts } from "./facts.ts";

/** Correlation from which on two images are almost the same: copies, and frames of a film a moment apart. */
const duplicatesFrom = 0.95;

/** Images that are looked at, at most, and the side in pixels at which they are. */
const most = 2000, side = 16;

/** Looks at all images, or at pairs of neighbours in the order of their names. The engine must have been started. */
export async function countDistinct(
  path: string,
  { background, maximumPixels, onWork }: DecodeOptions & {
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<AdviceFacts["images"]> {
  const files = await openSourceFiles(path);
  try {
    const dataset = listDataset(files);
    const all = unlabelledImages(dataset, partToDistil(dataset).part), count = all.images.length;
    const images = neighbouringPairs(count, most).map((position) => all.images[position]!);
    const pack = await packLabelled(files, { ...all, images }, {
      ...{ canvas: side, background, maximumPixels, quarantine: defaultQuarantine },
      onProgress: (done, total) =>
        onWork?.({ stage: "near-duplicates", done, total, unit: "images" }),
    });
    try {
      const readable = readableImages(pack), looked = readable.count;
      const distinct = await distinctOf(readable);
      return {
        ...{ count, looked, copies: looked - distinct },
        distinct: distinctInAll(count, { looked, distinct }),
      };
    } finally {
      pack.close();
    }
  } finally {
    files.close();
  }
}

async function distinctOf(pack: ImagePack): Promise<number> {
  const structure = imageStructure(pack.read([...Array(pack.count).keys()]), side);
  // No mean over the images is taken off: each has lost its own.
  const index = { centred: structure, mean: new Float32Array(structure.width) };
  const pairs = await nearDuplicates(index, duplicatesFrom);
  return distinctImages(pack.count, pairs.map(({ images }) => images));
}
