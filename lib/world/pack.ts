import { createHash } from "node:crypto";
import { randomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import { makeCacheFile, writeAt } from "../io/cache_file.ts";
import { defaultCache } from "../images/packs/pack.ts";
import {
  encodeHeader,
  type ImagePack,
  isPackFile,
  openPackFile,
} from "../images/packs/pack_file.ts";
import { drawWorldImage, worldSize } from "./world.ts";
import { drawWorldFactors, type WorldFactor, type WorldFactors, worldFactors } from "./factors.ts";

/** Which images of the generated world. */
export interface WorldImages {
  /** Which endless set. */
  readonly seed: number;
  /** How many. */
  readonly images: number;
  /** Index of the first. Default 0. */
  readonly first?: number;
  /** Factors that are given instead of drawn, for images that are easier than others. */
  readonly fixed?: Partial<WorldFactors>;
  /** The factor that labels them. Default: all have the one class "world". */
  readonly factor?: WorldFactor;
}

/** Options of {@linkcode packWorld}. */
export interface PackWorldOptions {
  /** Side in pixels. Default 64. */
  readonly canvas?: number;
  /** Folder for packs. Default: `images` in this user's cache folder for hashigo. */
  readonly cache?: string | undefined;
  /** Called with images done and to do. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Changes whenever the pixels of a world image would. */
const format = 1;
/** Written at once. */
const chunk = 250;

/**
 * Draws images of the world once and keeps them as a pack, so that they can stand wherever images of a
 * folder or zip can. Packs that differ in the factor only have the same pixels and the same digest.
 *
 * @throws {UserError} where the number of images is no whole number above 0, or the cache cannot be written
 *
 * @example
 * ```ts
 * import { packWorld } from "@hashigo/hashigo";
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
  const given = Object.entries(fixed).sort().map(([name, value]) => `-${name}${value}`).join("");
  const path = `${cache}/world-${format}-${seed}-${first}-${images}-${canvas}${given}.pack`;
  let pack = openPackFile(path);
  if (pack === undefined) {
    await makeCacheFile(path, {
      write: (file) => drawInto(file, { ...world, first, fixed }, canvas, onProgress),
      isWhole: () => isPackFile(path),
    });
    pack = openPackFile(path);
  }
  if (pack === undefined) throw new Error(`"${path}" is not the pack that was just written`);
  return factor === undefined ? pack : {
    ...pack,
    classes: worldFactors[factor],
    labels: Int32Array.from(
      { length: images },
      (_, i) => drawWorldFactors(randomStream(seed).at("world", first + i), fixed)[factor],
    ),
  };
}

async function drawInto(
  file: Deno.FsFile,
  { seed, images, first, fixed = {} }: WorldImages & { readonly first: number },
  canvas: number,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const header = {
    canvas,
    classes: ["world"],
    labels: new Array<number>(images).fill(0),
    names: Array.from({ length: images }, (_, i) => `world/${first + i}`),
    digest: "0".repeat(64),
  };
  const imageBytes = canvas * canvas * 3;
  const hash = createHash("sha256").update(`world ${canvas}`);
  let position = encodeHeader(header).length;
  for (let done = 0; done < images;) {
    const count = Math.min(chunk, images - done);
    const pixels = new Uint8Array(count * imageBytes);
    for (let i = 0; i < count; i++) {
      const image = drawWorldImage(seed, first + done + i, { size: canvas, fixed });
      pixels.set(image.pixels, i * imageBytes);
    }
    hash.update(pixels);
    writeAt(file, position, pixels);
    position += pixels.length;
    done += count;
    onProgress?.(done, images);
    await new Promise((resolve) => setTimeout(resolve)); // drawing is long, and others wait
  }
  writeAt(file, 0, encodeHeader({ ...header, digest: hash.digest("hex") }));
}
