import { randomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import { defaultCache, openCachedPack, writePack } from "../images/packs/cached_pack.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { drawWorldImage, worldSize } from "./world.ts";
import { drawWorldFactors, type WorldFactor, type WorldFactors, worldFactors } from "./factors.ts";

/** A set of images of the generated world. */
export interface WorldImages {
  /** Seed of the endless sequence of images. */
  readonly seed: number;
  /** Number of images. */
  readonly images: number;
  /** Index of the first. Default 0. */
  readonly first?: number;
  /** Factors that are set instead of drawn, for images that are easier than others. */
  readonly fixed?: Partial<WorldFactors>;
  /** The factor that labels the images. Default: all have the one class "world". */
  readonly factor?: WorldFactor;
}

/** Options of {@linkcode packWorld}. */
export interface PackWorldOptions {
  /** Side in pixels. Default 64. */
  readonly canvas?: number | undefined;
  /** Folder for packs. Default: `images` in this user's cache folder for hashigo. */
  readonly cache?: string | undefined;
  /** Called with the number of images that are drawn, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Version of the images: changes whenever the pixels of a world image would. */
const format = 1;
/** Number of images that are written at once. */
const chunk = 250;

/**
 * Draws images of the world once and keeps them as a pack, to be used like images of a folder or
 * zip. Packs that differ only in the factor have the same pixels and the same digest.
 *
 * @throws {UserError} Where the number of images is no whole number above 0, or the cache folder
 *   cannot be written.
 *
 * @example
 * ```ts
 * import { packWorld } from "@hashigo/hashigo/world";
 * const cache = await Deno.makeTempDir();
 * const pack = await packWorld({ seed: 0, images: 8, factor: "count" }, { canvas: 32, cache });
 * if (pack.classes[3] !== "four" || pack.read([7]).length !== 32 * 32 * 3) throw new Error("Eight images");
 * pack.close();
 * await Deno.remove(cache, { recursive: true });
 * ```
 */
export async function packWorld(
  world: WorldImages,
  { canvas = worldSize, cache = defaultCache(), onProgress }: PackWorldOptions = {},
): Promise<ImagePack> {
  const { seed, images, first = 0, fixed = {}, factor } = world;
  if (!(Number.isInteger(images) && images > 0)) {
    throw new UserError(
      `Cannot draw ${images} images of the world: expected a whole number above 0`,
    );
  }
  const fixedNames = Object.entries(fixed).sort().map(([name, value]) => `-${name}${value}`).join(
    "",
  );
  const path = `${cache}/world-${format}-${seed}-${first}-${images}-${canvas}${fixedNames}.pack`;
  const pack = await openCachedPack(
    path,
    (file) => writeWorld(file, { ...world, first, fixed }, canvas, onProgress),
  );
  return factor === undefined ? pack : {
    ...pack,
    classes: worldFactors[factor],
    labels: Int32Array.from(
      { length: images },
      (_, i) => drawWorldFactors(randomStream(seed).at("world", first + i), fixed)[factor],
    ),
  };
}

async function writeWorld(
  file: Deno.FsFile,
  { seed, images, first, fixed }: WorldImages & { readonly first: number },
  canvas: number,
  onProgress: PackWorldOptions["onProgress"],
): Promise<void> {
  async function* draw(): AsyncGenerator<Uint8Array> {
    const imageBytes = canvas * canvas * 3;
    for (let done = 0; done < images;) {
      const count = Math.min(chunk, images - done);
      const pixels = new Uint8Array(count * imageBytes);
      for (let i = 0; i < count; i++) {
        const image = drawWorldImage(seed, first + done + i, { size: canvas, fixed });
        pixels.set(image.pixels, i * imageBytes);
      }
      yield pixels;
      done += count;
      onProgress?.(done, images);
      // Drawing takes long, so other work gets a turn.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  await writePack(file, {
    header: {
      canvas,
      classes: ["world"],
      labels: new Array<number>(images).fill(0),
      names: Array.from({ length: images }, (_, i) => `world/${first + i}`),
    },
    chunks: draw(),
    digestPrefix: `world ${canvas}`,
  });
}
