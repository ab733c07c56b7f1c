/** Dense tasks: images whose every pixel has a class or a depth. */
import { createHash } from "node:crypto";
import { type MaskedImages, packMaskedImages } from "../../images/packs/masked_images.ts";
import { UserError } from "../../errors/user_error.ts";
import { drawWorldImage, type WorldImage, worldParts } from "../../world/world.ts";
import { type DenseManifest, readManifest } from "./manifest.ts";
import type { DenseImages, DenseTask, OpenDenseTaskOptions, SegmentationTask } from "./task.ts";

/**
 * Opens a dense task: the name of a manifest in `data/tasks/dense`, or the path of one, which ends in
 * `.dense.json`.
 *
 * @throws {UserError} where there is no such manifest, its images are not there, an image lacks its
 * mask, or a mask has another size than its image or a value that is no class.
 *
 * @example
 * ```ts
 * import { openDenseTask } from "./dense_task.ts";
 * const task = await openDenseTask("world_depth", { limit: 4 });
 * if (task.train.truth.length !== 4 * 64 * 64) throw new Error("A distance for every pixel");
 * task.close();
 * ```
 */
export async function openDenseTask(
  source: string,
  options: OpenDenseTaskOptions = {},
): Promise<DenseTask> {
  const manifest = await readManifest(source);
  if (manifest === undefined || manifest.kind === "classification") {
    throw new UserError(
      `Cannot open the dense task "${source}": found no such task, expected one like camvid11 or ` +
        "world_parts, or a manifest that ends in .dense.json.",
    );
  }
  if (!("world" in manifest)) return await openMasked(manifest, options);
  const { kind, name, canvas, tiles } = manifest;
  const shared = { name, canvas, tiles, close: () => {} };
  if (kind === "depth") {
    const draw = drawing(manifest, options, (size) => new Float32Array(size), "depth");
    return { kind, ...shared, train: draw("train"), test: draw("test") };
  }
  const draw = drawing(manifest, options, (size) => new Uint8Array(size), "parts");
  return { kind, ...shared, classes: worldParts, train: draw("train"), test: draw("test") };
}

async function openMasked(
  manifest: Exclude<DenseManifest, { world: unknown }>,
  options: OpenDenseTaskOptions,
): Promise<SegmentationTask> {
  const { kind, name, canvas, tiles, path, classes, firstValue, ignore } = manifest;
  const values = new Map(classes.map((_, place) => [firstValue + place, place]));
  const open = (part: "train" | "test") =>
    packMaskedImages({ path, ...manifest[part], classes, values, ignore }, {
      ...options,
      canvas,
    });
  const [train, test] = [await open("train"), await open("test")];
  const listed = `train: ${train.count} images with masks | test: ${test.count} images with masks`;
  options.onListed?.(listed);
  return {
    ...{ kind, name, canvas, tiles, classes, listed },
    train: fromPack(train),
    test: fromPack(test),
    close: () => [train, test].forEach((pack) => pack.close()),
  };
}

function fromPack(pack: MaskedImages): DenseImages<Uint8Array> {
  const { masks } = pack.read([...Array(pack.count).keys()]);
  return {
    count: pack.count,
    digest: pack.digest,
    pixels: (positions) => pack.read(positions).pixels,
    truth: masks,
  };
}

/** Draws parts of the generated world, whose truth is a layer of its images. */
function drawing<Truth extends Uint8Array | Float32Array>(
  { canvas, world }: Extract<DenseManifest, { world: unknown }>,
  { limit = Infinity }: OpenDenseTaskOptions,
  allocate: (size: number) => Truth,
  layer: "depth" | "parts",
): (part: "train" | "test") => DenseImages<Truth> {
  return (part) => {
    const count = Math.min(limit, world[part]);
    const first = part === "train" ? 0 : world.train;
    const size = canvas * canvas;
    const pixels = new Uint8Array(count * size * 3);
    const truth = allocate(count * size);
    for (let i = 0; i < count; i++) {
      const image: WorldImage = drawWorldImage(world.seed, first + i, { size: canvas });
      pixels.set(image.pixels, i * size * 3);
      truth.set(image[layer], i * size);
    }
    const bytes = new Uint8Array(truth.buffer);
    return {
      count,
      digest: createHash("sha256").update(pixels).update(bytes).digest("hex"),
      truth,
      pixels: (positions) => gatherImages(pixels, positions, size * 3),
    };
  };
}

/** The images at these positions, each of `size` numbers. */
function gatherImages(
  pixels: Uint8Array,
  positions: readonly number[],
  size: number,
): Uint8Array<ArrayBuffer> {
  const images = new Uint8Array(positions.length * size);
  positions.forEach((position, i) =>
    images.set(pixels.subarray(position * size, (position + 1) * size), i * size)
  );
  return images;
}
