/** The pictures of a page: files, features, and the colours of their patches. */
import { UserError } from "../../errors/user_error.ts";
import { thumbnail } from "../../images/codec/encode.ts";
import { listDataset } from "../../images/sources/dataset.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import { spreadEvenly } from "../../images/sources/spread_evenly.ts";
import type { OpenedStudent } from "../../inference/open_student.ts";
import { principalAxes } from "../../metrics/representation/principal_axes.ts";
import type { GalleryImage, PageColours } from "./page_data.ts";
import type { SiteFile } from "./site_files.ts";

/** Side of a picture in pixels; larger where the student sees more. */
const side = 224;

/** A gallery. */
export interface PageGallery {
  readonly images: readonly GalleryImage[];
  readonly files: readonly SiteFile[];
  readonly colours: PageColours | undefined;
}

/** Options of {@linkcode pageGallery}. */
export interface PageGalleryOptions {
  /** Folders or zips. */
  readonly images: readonly string[];
  /** Pictures at most. */
  readonly count: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Takes pictures spread over folders, writes them small, and computes their features from these, so that a browser
 * that opens one finds it again.
 *
 * @throws {UserError} where there is no picture that can be read
 */
export async function pageGallery(
  student: OpenedStudent,
  { images: paths, count, onProgress }: PageGalleryOptions,
): Promise<PageGallery> {
  const size = Math.max(side, student.backbone.input.size);
  const pictures: { readonly name: string; readonly jpeg: Uint8Array }[] = [];
  for (const path of paths) {
    pictures.push(...await picturesOf(path, { count: Math.ceil(count / paths.length), size }));
  }
  if (pictures.length === 0) {
    throw new UserError(
      "Cannot make a page without pictures: found none, expected those of the run. Give a folder by --images",
    );
  }
  const chosen = pictures.slice(0, count);
  const features = new Float32Array(chosen.length * student.width);
  const patches: Float32Array[] = [];
  for (const [i, { jpeg }] of chosen.entries()) {
    const [feature] = await student.embed([jpeg]);
    features.set(feature!, i * student.width);
    patches.push(...await student.patches([jpeg]));
    onProgress?.(i + 1, chosen.length);
  }
  const fileOf = (i: number) => `gallery/${String(i).padStart(3, "0")}.jpg`;
  return {
    images: chosen.map(({ name }, i) => ({ file: fileOf(i), name })),
    files: [
      ...chosen.map(({ jpeg }, i) => ({ path: fileOf(i), content: jpeg })),
      { path: "gallery.bin", content: new Uint8Array(features.buffer) },
    ],
    colours: await coloursOf(patches, student.width),
  };
}

async function picturesOf(
  path: string,
  { count, size }: { readonly count: number; readonly size: number },
) {
  const files = await openSourceFiles(path);
  try {
    const { images } = listDataset(files);
    const pictures: { readonly name: string; readonly jpeg: Uint8Array }[] = [];
    for (const { file, name } of spreadEvenly(images, count)) {
      const jpeg = await files.read(file).then((bytes) => thumbnail(bytes, size))
        .catch(() => undefined);
      if (jpeg !== undefined) pictures.push({ name, jpeg });
    }
    return pictures;
  } finally {
    files.close();
  }
}

/** Patches that the colours are found on, at most: their number times their width costs time. */
const mostPatches = 1500;

/** The first three principal axes of patches, and their outermost fiftieths. */
async function coloursOf(
  ofImages: readonly Float32Array[],
  width: number,
): Promise<PageColours | undefined> {
  const all = ofImages.flatMap((patches) =>
    Array.from(
      { length: patches.length / width },
      (_, i) => patches.subarray(i * width, (i + 1) * width),
    )
  );
  const rows = all.filter((_, i) => i % Math.ceil(all.length / mostPatches) === 0);
  if (rows.length < 4 || width < 3) return undefined;
  const features = new Float32Array(rows.length * width);
  rows.forEach((row, i) => features.set(row, i * width));
  const found = await principalAxes({ features, width });
  if (found.count < 3) return undefined;
  const { mean } = found, axes = found.axes.slice(0, 3 * width);
  const ends = [0, 1, 2].map((axis) => {
    const along = rows.map((row) =>
      row.reduce((sum, value, i) => sum + (value - mean[i]!) * axes[axis * width + i]!, 0)
    ).sort((a, b) => a - b);
    return [along[Math.floor(0.02 * along.length)]!, along[Math.ceil(0.98 * along.length) - 1]!];
  });
  const short = (value: number) => Number(value.toPrecision(6));
  const triple = (end: number) => ends.map((one) => short(one[end]!)) as [number, number, number];
  return {
    mean: Array.from(mean, short),
    axes: Array.from(axes, short),
    low: triple(0),
    high: triple(1),
  };
}
