/** Images whose every pixel has a class or a depth, to measure frozen tokens on. */
import { createHash } from "node:crypto";
import { type MaskedImages, packMaskedImages } from "../../images/packs/masked_images.ts";
import { drawWorldImage, worldParts } from "../../world/world.ts";
import { type DenseManifest, type GeneratedImages, readDenseManifest } from "./manifest.ts";

/** One part of a dense task. */
export interface DenseImages {
  /** Number of images. */
  readonly count: number;
  /** Changes with every pixel, mask and depth. */
  readonly digest: string;
  /** `[indices, canvas, canvas, 3]`, 0 to 255. */
  pixels(indices: readonly number[]): Uint8Array<ArrayBuffer>;
  /** `[count, canvas, canvas]`: class numbers and 255 to ignore, or distances. */
  readonly truth: Uint8Array | Float32Array;
}

/** A dense task; close it when done. */
export interface DenseTask {
  /** What tables call it. */
  readonly name: string;
  /** What is to be known of every pixel. */
  readonly kind: "segmentation" | "depth";
  /** Side of the images in pixels. */
  readonly canvas: number;
  /** Into so many by so many squares an image is cut, each of which a model sees as an image. */
  readonly tiles: number;
  /** Names by number; none where depths are to be known. */
  readonly classes: readonly string[];
  /** Images that heads learn from. */
  readonly train: DenseImages;
  /** Images that are measured. */
  readonly test: DenseImages;
  /** Closes both. */
  close(): void;
}

/** Options of {@linkcode openDenseTask}. */
export interface DenseTaskOptions {
  /** At most so many train and so many test images. Default: all. */
  readonly limit?: number;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
}

/**
 * Opens a dense task: the name of a manifest in `data/tasks/dense`, or the path of one.
 *
 * @returns undefined where there is no such manifest.
 * @throws {UserError} where its images are not there, an image lacks its mask, or a mask has another size
 * than its image or a value that is no class.
 *
 * @example
 * ```ts
 * import { openDenseTask } from "@hashigo/hashigo";
 * const task = await openDenseTask("world_depth", { limit: 4 });
 * if (task?.train.truth.length !== 4 * 64 * 64) throw new Error("A distance for every pixel");
 * task.close();
 * ```
 */
export async function openDenseTask(
  what: string,
  options: DenseTaskOptions = {},
): Promise<DenseTask | undefined> {
  const manifest = await readDenseManifest(what);
  if (manifest === undefined) return undefined;
  const { name, kind, canvas, tiles, images } = manifest;
  const shared = { name, kind, canvas, tiles };
  if ("world" in images) {
    const { world } = images;
    const classes = kind === "segmentation" ? worldParts : [];
    const train = generated(manifest, world, "train", options);
    return {
      ...shared,
      classes,
      train,
      test: generated(manifest, world, "test", options),
      close() {},
    };
  }
  const { masked: { path, train, test, classes, firstValue, ignore } } = images;
  const values = new Map(classes.map((_, place) => [firstValue + place, place]));
  const open = (places: typeof train) =>
    packMaskedImages({ path, ...places, classes, values, ignore }, { canvas, ...options });
  const learnt = await open(train);
  const measured = await open(test);
  return {
    ...shared,
    classes,
    train: fromPack(learnt),
    test: fromPack(measured),
    close: () => [learnt, measured].forEach((pack) => pack.close()),
  };
}

function fromPack(pack: MaskedImages): DenseImages {
  const { masks } = pack.read([...Array(pack.count).keys()]);
  return {
    count: pack.count,
    digest: pack.digest,
    pixels: (indices) => pack.read(indices).pixels,
    truth: masks,
  };
}

function generated(
  { kind, canvas }: DenseManifest,
  { seed, train, test }: GeneratedImages,
  part: "train" | "test",
  { limit = Infinity }: DenseTaskOptions,
): DenseImages {
  const count = Math.min(limit, part === "train" ? train : test);
  const first = part === "train" ? 0 : train;
  const size = canvas * canvas;
  const pixels = new Uint8Array(count * size * 3);
  const truth = kind === "depth" ? new Float32Array(count * size) : new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const image = drawWorldImage(seed, first + i, { size: canvas });
    pixels.set(image.pixels, i * size * 3);
    truth.set(kind === "depth" ? image.depth : image.parts, i * size);
  }
  return {
    count,
    digest: createHash("sha256").update(pixels).update(new Uint8Array(truth.buffer)).digest("hex"),
    truth,
    pixels(indices) {
      const found = new Uint8Array(indices.length * size * 3);
      indices.forEach((image, i) =>
        found.set(pixels.subarray(image * size * 3, (image + 1) * size * 3), i * size * 3)
      );
      return found;
    },
  };
}
